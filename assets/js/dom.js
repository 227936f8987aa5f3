// The few things every module needs: finding elements, who is on screen, talking to the server.

import { t } from "./words.js";

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
export const byId = (id) => document.getElementById(id);

/** Listen on the document for an event whose target is, or is inside, an element matching `selector`. */
export function on(type, selector, handler, options) {
  document.addEventListener(
    type,
    (event) => {
      const element = event.target instanceof Element && event.target.closest(selector);
      if (element) handler(event, element);
    },
    options,
  );
}

export const emit = (name, detail = {}) => document.dispatchEvent(new CustomEvent(name, { detail }));

/** The conversation in the middle pane, or "" when none is. */
export const openId = () => byId("thread")?.dataset.id ?? "";

/** Which list is on screen: its view, status, and what was chosen in its head. */
export const isSameList = (one, other) => one.view === other.view && one.status === other.status && one.quick === other.quick;

export function screen() {
  const list = byId("convlist");
  return { view: list?.dataset.key ?? "", status: list?.dataset.status ?? "", quick: list?.dataset.quick ?? "" };
}

/** What this window is called where the desk asks who is looking. */
export const tab = [...crypto.getRandomValues(new Uint8Array(9))].map((byte) => byte.toString(36).padStart(2, "0")).join("");

export const isPhone = () => matchMedia("(max-width: 760px)").matches;

export const csrfToken = () => $('meta[name="csrf-token"]')?.content ?? "";

/** What the reply that is being written has seen, or "": the server tells what came since. */
function seenMark() {
  const form = byId("composer");
  const isReply = form && form.dataset.note === undefined && byId("composer-text")?.value.trim();
  return isReply ? $('input[name="seen"]', form).value : "";
}

/** The headers every request of ours carries; htmx's requests get the same. */
export function headers() {
  const { view, status, quick } = screen();
  return {
    "HX-Request": "true",
    "X-CSRFToken": csrfToken(),
    "X-Desk-View": view,
    "X-Desk-Status": status,
    "X-Desk-Quick": quick,
    "X-Desk-Open": openId(),
    "X-Desk-Seen": seenMark(),
  };
}

/** POST a form; resolves to the Response, rejects when nothing answered. */
export function post(url, fields, options = {}) {
  return fetch(url, { method: "POST", body: new URLSearchParams(fields), headers: headers(), redirect: "manual", ...options });
}

/** HTML text as a fragment, without running anything in it. */
/** An answer with its whole body, or null when nothing came, or only a part before the line broke. */
export const whole = (request) =>
  request.then(async (answer) => ({ ok: answer.ok, status: answer.status, type: answer.type, body: await answer.text() })).catch(() => null);

export function fragmentOf(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

export function icon(name, css = "") {
  return `<svg class="i ${css}" viewBox="0 0 16 16" aria-hidden="true"><use href="#i-${name}"/></svg>`;
}

/** Say one line once, in the corner where toasts live. */
export function toast(words) {
  const line = document.createElement("div");
  line.className = "toast";
  line.textContent = words;
  showToast(line);
}

/** The same with a way back: `act` is called when Undo is pressed. */
export function toastUndo(words, act) {
  const line = document.createElement("div");
  line.className = "toast";
  const back = document.createElement("button");
  Object.assign(back, { type: "button", className: "btn btn--sm", textContent: t("Undo") });
  back.addEventListener("click", () => (act(), line.remove()));
  line.append(`${words} `, back);
  showToast(line);
}

export function showToast(line) {
  const host = byId("toasts");
  host.append(line);
  while (host.childElementCount > 3) host.firstElementChild.remove();
  const wait = Number(line.dataset.seconds) * 1000 || (line.querySelector("button") ? 8000 : 5000);
  const leave = () => (line.matches(":hover, :focus-within") ? setTimeout(leave, 1500) : line.remove());
  setTimeout(leave, wait);
}

/** A key that makes a repeated send count once. `randomUUID` needs a secure page, so it is not relied on. */
export function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
