// A draft is kept twice: on the server, and on this device until the server has it.

import { $$, byId, emit, headers, openId, post, tab, whole } from "./dom.js";

const PREFIX = "twoway.draft.";
const WAIT = 800;
const LATELY = 5000; // A page that was asked for before the save may come after it, without the draft.
let lately = null;
let timer = 0;
let waiting = null;
let saving = Promise.resolve();

const read = (id) => {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + id));
  } catch {
    return null;
  }
};

/** `seen` is the newest text its writer had seen. `key` is the idempotency key of a text that was being sent: once that one is in the log, the copy is of no use. */
export function keep(id, body, isNote, key = "", seen = "") {
  try {
    localStorage.setItem(PREFIX + id, JSON.stringify({ body, isNote, key, seen }));
  } catch {
    // A full or forbidden store: the server's copy remains.
  }
}

export function forget(id) {
  if (lately?.id === id) lately = null;
  localStorage.removeItem(PREFIX + id);
}

/** What this device kept because the server never said it had it, or only a moment ago; null when there is nothing. */
export const kept = (id) => read(id) ?? (lately?.id === id && performance.now() < lately.until ? lately.told : null);

/** Note a change; it goes to the server once typing rests. */
export function changed({ id, url, body, isNote, seen = "" }) {
  keep(id, body, isNote, "", seen);
  if (waiting && waiting.id !== id) flush();
  waiting = { id, url, body, isNote, seen };
  clearTimeout(timer);
  timer = setTimeout(flush, WAIT);
}

export async function flush({ keepalive = false } = {}) {
  clearTimeout(timer);
  const draft = waiting;
  waiting = null;
  if (!draft) return;
  const fields = { body: draft.body, is_note: draft.isNote ? "1" : "", seen: draft.seen, tab };
  const asked = post(`${draft.url}draft/`, fields, { keepalive }).catch(() => null);
  saving = asked;
  const answer = await asked;
  const now = read(draft.id);
  if (!answer?.ok || now?.body !== draft.body || waiting) return;
  forget(draft.id);
  lately = { id: draft.id, told: now, until: performance.now() + LATELY };
}

/** Until the last save has been answered: a text is sent after it, or the save would bring the sent words back as a draft. */
export const saved = () => saving;

/** The text is on its way: nothing of it is left to save. */
export function drop(id) {
  if (waiting?.id === id) waiting = null;
  if (lately?.id === id) lately = null;
  clearTimeout(timer);
}

/** What was written meanwhile in another window or on another device, unless something was written here. */
async function look() {
  const form = byId("composer");
  const box = byId("composer-text");
  if (!form || document.hidden || waiting || read(form.dataset.id)) return;
  const { id, url } = form.dataset;
  const before = box.value;
  const answer = await whole(fetch(`${url}draft/now/`, { headers: headers(), redirect: "manual" }));
  if (!answer?.ok) return;
  const { body, is_note: isNote, seen } = JSON.parse(answer.body);
  if (byId("composer-text")?.value !== before || openId() !== id || waiting || read(id)) return;
  if (body !== before) emit("desk:draft", { id, body, isNote, seen: seen ?? "" });
}

export function start() {
  document.addEventListener("visibilitychange", look);
  addEventListener("focus", look);
  document.addEventListener("desk:drafted", (event) => event.detail.includes(Number(openId())) && look());
  addEventListener("pagehide", () => flush({ keepalive: true }));
  document.addEventListener("desk:leaving", () => flush());
  for (const form of $$("form[data-signout]")) {
    form.addEventListener("submit", () => {
      for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
    });
  }
}
