// Files beside a text: chosen, dropped, pasted or photographed, sent up one after the other while the text is written.

import { $, $$, byId, fragmentOf, headers, icon, on, openId } from "./dom.js";
import { t } from "./words.js";

const strip = () => byId("composer-files");
const form = () => byId("composer");
let line = Promise.resolve();
let changed = () => {};

/** The ids of what stands beside the text, as the form sends them. */
export const ids = () => strip()?.dataset.ids ?? "";

/** What is added to the text for files that can't go with it. */
export const links = () => strip()?.dataset.links ?? "";

/** How many of them go as pictures or files, not as links. */
export const media = () => Number(strip()?.dataset.media ?? 0);

/** Whether something is still on its way up. */
export const isBusy = () => Boolean($(".attach__item.is-uploading", form() ?? document));

/** The text went off with them. */
export function clear() {
  const old = strip();
  if (!old) return;
  Object.assign(old.dataset, { ids: "", links: "", media: "0" });
  old.replaceChildren();
}

/** Ask the server what stands beside the text: after something came back. */
export async function refresh() {
  const box = form();
  if (box) put(await ask(`${box.dataset.url}files/`, { method: "GET" }), box.dataset.id);
}

/** What this address puts beside the text. */
export async function bring(url) {
  const box = form();
  if (box) put(await ask(url, { method: "POST" }), box.dataset.id);
}

/** Put the files of a text that was not sent beside this one. */
export async function useAgain(message) {
  const box = form();
  if (box) put(await ask(`${box.dataset.url}files/again/`, { method: "POST", body: new URLSearchParams({ message }) }), box.dataset.id);
}

function ask(url, options) {
  return fetch(url, { headers: headers(), redirect: "manual", ...options })
    .then(async (answer) => ({ status: answer.status, text: await answer.text() }))
    .catch(() => ({ status: 0, text: "" }));
}

/** The server's answer in the place of the strip, if its conversation is still open. */
function put({ status, text }, id) {
  if (openId() !== id) return;
  const next = status === 200 || status === 422 ? $("#composer-files", fragmentOf(text)) : null;
  if (next) {
    for (const row of $$(".attach__item.is-uploading", strip())) listOf(next).append(row);
    strip().replaceWith(next);
  } else complain(t("That didn't reach the desk. Try again."));
  changed();
}

function complain(words) {
  $(".attach__error", strip())?.remove();
  const lineOf = document.createElement("p");
  lineOf.className = "attach__error";
  lineOf.setAttribute("role", "alert");
  lineOf.innerHTML = `${icon("alert", "i--14")}<span></span>`;
  lineOf.lastChild.textContent = words;
  strip().prepend(lineOf);
}

function listOf(box) {
  const found = $(".attach__list", box);
  if (found) return found;
  const list = document.createElement("ul");
  list.className = "attach__list";
  list.setAttribute("aria-label", t("Files to send"));
  box.append(list);
  return list;
}

/** Send these up, in their order. */
export function add(files) {
  const box = form();
  if (!box || box.dataset.blocked !== undefined || box.dataset.note !== undefined || !strip()) return;
  for (const file of files) {
    const row = drawn(file);
    line = line.then(() => upload(file, row, box.dataset));
  }
}

function drawn(file) {
  const row = document.createElement("li");
  row.className = "attach__item is-uploading";
  row.innerHTML = `<span class="attach__pic">${icon("clip")}</span><span class="attach__text"><b class="trunc"></b><progress class="attach__bar" max="100" value="0"></progress></span>`;
  $("b", row).textContent = file.name || t("Picture");
  $("progress", row).setAttribute("aria-label", file.name ? t("Sending up {name}", { name: file.name }) : t("Sending up a picture"));
  listOf(strip()).append(row);
  return row;
}

function upload(file, row, { url, id }) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${url}files/`);
    for (const [name, value] of Object.entries(headers())) request.setRequestHeader(name, value);
    request.setRequestHeader("X-File-Name", encodeURIComponent(file.name || ""));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", ({ loaded, total }) => ($("progress", row).value = (loaded * 100) / total));
    request.addEventListener("loadend", () => {
      row.remove();
      put({ status: request.status, text: request.responseText }, id);
      resolve();
    });
    request.send(file);
  });
}

async function unattach(event, button) {
  const { id } = form().dataset;
  const at = $$("[data-unattach]", strip()).indexOf(button);
  put(await ask(button.dataset.unattach, { method: "POST" }), id);
  const left = $$("[data-unattach]", strip());
  (left[Math.min(at, left.length - 1)] ?? byId("composer-text"))?.focus();
}

// Where files come from --------------------------------------------------------------------------------------------

const brings = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

function onDrag(event) {
  const thread = event.target instanceof Element && event.target.closest("#thread");
  if (!brings(event) || !thread || !strip()) return;
  event.preventDefault();
  thread.classList.add("is-dropping");
}

function onDrop(event) {
  const thread = byId("thread");
  thread?.classList.remove("is-dropping");
  if (!brings(event) || !(event.target instanceof Element) || !event.target.closest("#thread")) return;
  event.preventDefault();
  add(event.dataTransfer.files);
  byId("composer-text")?.focus();
}

function onPaste(event) {
  const files = event.clipboardData?.files ?? [];
  if (!files.length) return;
  event.preventDefault();
  add(files);
}

function pick(event, button) {
  byId(button.dataset.attach === "camera" ? "composer-camera" : "composer-pick").click();
}

function picked(event, input) {
  add([...input.files]);
  input.value = "";
  byId("composer-text")?.focus();
}

/** `whenChanged` is called after the files beside the text changed. */
export function start(whenChanged) {
  changed = whenChanged;
  on("click", "[data-attach]", pick);
  on("click", "[data-unattach]", unattach);
  on("change", "#composer-pick, #composer-camera", picked);
  on("paste", "#composer-text", onPaste);
  document.addEventListener("dragover", onDrag);
  document.addEventListener("dragleave", (event) => !event.relatedTarget && byId("thread")?.classList.remove("is-dropping"));
  document.addEventListener("drop", onDrop);
}
