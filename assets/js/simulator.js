// The simulator page: the phone is asked once a second what it shows, and the inbox beside it stays on this page.

import { $, $$, byId, fragmentOf, headers, on, post } from "./dom.js";
import { applyPatch } from "./patch.js";
import { t } from "./words.js";

const EVERY = 1000;

let root = null;
let tag = "";
let timer = 0;
let asking = false;

async function ask() {
  if (asking || document.hidden) return;
  asking = true;
  try {
    const answer = await fetch(root.dataset.phone, { headers: { ...headers(), ...(tag && { "If-None-Match": tag }) }, cache: "no-store", redirect: "manual" });
    if (answer.status === 200) await show(answer);
  } catch {
    // Asked again in a second; the bar above the page says it when the desk is gone.
  } finally {
    asking = false;
  }
}

async function show(answer) {
  const log = byId("phone-log");
  const wasAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 48;
  tag = answer.headers.get("ETag") ?? "";
  applyPatch(fragmentOf(await answer.text()));
  if (wasAtEnd) byId("phone-log").scrollTop = byId("phone-log").scrollHeight;
}

async function send(event, form) {
  event.preventDefault();
  const fields = new FormData(form);
  const typed = $('input[name="body"]:not([type="hidden"])', form);
  const picked = fields.getAll("files").filter((file) => file.size);
  if (!String(fields.get("body") ?? "").trim() && !picked.length && !fields.get("photo")) return typed?.focus();
  if (typed) form.reset();
  byId("phone-log").scrollTop = byId("phone-log").scrollHeight;
  try {
    const answer = await (picked.length ? fetch(form.action, { method: "POST", body: fields, headers: headers(), redirect: "manual" }) : post(form.action, [...fields].filter(([, value]) => typeof value === "string")));
    if (answer.status === 200 || answer.status === 422) await show(answer);
    else throw new Error(`phone ${answer.status}`);
  } catch {
    if (typed) typed.value = fields.get("body");
    const line = byId("phone-error");
    line.textContent = t("That didn't reach the carrier. Try again.");
    line.hidden = false;
  }
}

/** On a narrow screen, one side at a time. */
function turn(side) {
  root.dataset.pane = side;
  for (const button of $$("[data-side]")) button.setAttribute("aria-pressed", String(button.dataset.side === side));
  if (side === "phone") byId("phone-log").scrollTop = byId("phone-log").scrollHeight;
}

/** Opening a conversation here is no change of page: the address stays, and so does the title. */
function stay() {
  const { title } = document;
  history.pushState = () => {};
  for (const name of ["desk:thread", "desk:list"]) {
    document.addEventListener(name, () => {
      document.title = title;
      ask();
    });
  }
}

export function start() {
  root = $("[data-simulator]");
  if (!root) return;
  stay();
  byId("phone-log").scrollTop = byId("phone-log").scrollHeight;
  on("submit", "#phone-form, [data-chip]", send);
  on("change", "#phone-files", (event, input) => input.files.length && input.form.requestSubmit());
  on("click", "[data-side]", (event, button) => turn(button.dataset.side));
  document.addEventListener("desk:items", ask);
  document.addEventListener("visibilitychange", ask);
  timer ||= setInterval(ask, EVERY);
}
