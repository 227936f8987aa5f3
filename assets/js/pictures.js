// Pictures kept to be sent again: a grid beside the reply form, found by name, added, put beside the text, removed.

import { $, byId, fragmentOf, headers, on, openId, toast, whole } from "./dom.js";
import * as files from "./files.js";
import { t } from "./words.js";

const WAIT = 120;
let timer = 0;
let asked = 0;
let everybody = false;

const box = () => $("[data-pics]");

/** The server's grid in the place of the old one. */
async function show(answering) {
  const mine = ++asked;
  const answer = await whole(answering);
  if (mine !== asked || !box()) return false;
  const next = answer && (answer.ok || answer.status === 422) ? $("#pics-found", fragmentOf(answer.body)) : null;
  if (next) byId("pics-found").replaceWith(next);
  else toast(t("That didn't reach the desk. Try again."));
  return answer?.ok ?? false;
}

const ask = (url, options = {}) => fetch(url, { redirect: "manual", ...options, headers: { ...headers(), ...options.headers } });

function search(input) {
  clearTimeout(timer);
  timer = setTimeout(() => box() && show(ask(`${box().dataset.pics}?q=${encodeURIComponent(input.value)}`)), WAIT);
}

async function add(chosen) {
  const url = `${box().dataset.pics}add/${everybody ? "?everybody=1" : ""}`;
  byId("pics-q").value = "";
  for (const file of chosen) {
    const told = { "X-File-Name": encodeURIComponent(file.name), "Content-Type": "application/octet-stream" };
    const taken = await show(ask(url, { method: "POST", body: file, headers: told }));
    if (!taken) return;
  }
}

async function use(event, button) {
  event.preventDefault();
  const id = openId();
  byId("popover").hidePopover();
  await files.bring(button.dataset.picUse);
  if (openId() === id) byId("composer-text")?.focus();
}

/** The first press asks, the second removes. */
function remove(event, button) {
  if (button.dataset.sure === undefined) {
    button.dataset.sure = "";
    button.textContent = t("Remove?");
    return;
  }
  show(ask(button.dataset.picRemove, { method: "POST" })).then(() => byId("pics-q")?.focus());
}

export function start() {
  on("input", "#pics-q", (event, input) => search(input));
  on("keydown", "#pics-q", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    $("[data-pic-use]", box())?.click();
  });
  on("click", "[data-pic-use]", use);
  on("click", "[data-pic-remove]", remove);
  on("click", "[data-pic-add]", (event, button) => {
    everybody = button.dataset.picAdd === "everybody";
    byId("pics-file").click();
  });
  on("change", "#pics-file", (event, input) => {
    const chosen = [...input.files];
    input.value = "";
    add(chosen);
  });
}
