// What is on its way: shown at once as sending, sent one after the other, kept when it fails.
// The idempotency key stays with the text, so trying again never sends it twice.

import { $, byId, emit, fragmentOf, freshKey, icon, openId, post, screen, toast } from "./dom.js";
import * as drafts from "./drafts.js";
import * as kept from "./outbox_kept.js";
import { writeEnded, writeStarted } from "./live.js";
import { applyPatch } from "./patch.js";
import * as used from "./replies_used.js";
import { toBottom } from "./scroll.js";
import { noted, t, tn } from "./words.js";

const RETRY_FOR = 60 * 60 * 1000;
const RETRY_AFTER = 3000;
const WAITING = noted("Waiting for the connection");
let line = Promise.resolve();
let retryTimer = 0;
const underway = new Map();
const held = new Map();

/** Whether something for this conversation is being sent, or waits to be. */
export const isUnderway = (id) => [...underway.values()].some((item) => item.id === id);

/** Send a text or note: { id, url, body, key, then, isNote, name, files, confirmed, seen, replies }; lists are ids with commas between. */
export function send(item) {
  item.since ??= Date.now();
  underway.set(item.key, item);
  kept.put(item);
  draw(item);
  line = line.then(() => deliver(item));
  return line;
}

function draw(item) {
  byId(`pending-${item.key}`)?.remove();
  const log = byId("thread-log");
  if (!log || openId() !== item.id) return;
  const bubble = document.createElement(item.isNote ? "aside" : "div");
  bubble.id = `pending-${item.key}`;
  bubble.className = item.isNote ? "notebox is-pending is-new" : "msg msg--out is-pending is-new";
  bubble.dataset.key = item.key;
  bubble.dataset.sort = `~${String(item.since).padStart(15, "0")}`;
  bubble.innerHTML = item.isNote
    ? `<header>${t("Private note")} · ${icon("clock")} ${t("Saving")}</header><div class="notebox__text" dir="auto"></div>`
    : `<p class="bubble" dir="auto"></p><p class="msg__meta">${icon("clock")} ${t("Sending")}</p>`;
  $(".bubble, .notebox__text", bubble).textContent = item.body || filesOf(item);
  log.append(bubble);
  toBottom();
}

const filesOf = ({ files = "" }) => {
  const count = files.split(",").length;
  return tn("A file", "{n} files", count);
};

async function deliver(item) {
  const asked = screen();
  const fields = { body: item.body, key: item.key, then: item.then, files: item.files ?? "", confirmed: item.confirmed ?? "", seen: item.seen ?? "", replies: item.replies ?? "" };
  writeStarted();
  try {
    await drafts.saved();
    const answer = await post(item.url + (item.isNote ? "note/" : "reply/"), fields);
    if (answer.status === 422 || answer.status === 409) return await refused(item, answer, asked);
    if (!answer.ok) return failed(item, whyNot(answer));
    underway.delete(item.key);
    kept.drop(item.key);
    const patch = fragmentOf(await answer.text());
    if (item.then === "done") emit("desk:finishing", { id: item.id });
    applyPatch(patch, { asked });
    byId(`pending-${item.key}`)?.remove();
    if (item.then === "done") emit("desk:finished", { id: item.id });
    if (drafts.kept(item.id)?.body === item.body) drafts.forget(item.id);
  } catch {
    hold(item);
  } finally {
    writeEnded();
  }
}

function whyNot({ type, status }) {
  if (type === "opaqueredirect" || status === 401) return t("You've been signed out");
  if (status === 403) return t("Your role doesn't allow it");
  return status === 404 ? t("That conversation is gone or was merged") : t("Something broke on our side");
}

async function refused(item, answer, asked) {
  underway.delete(item.key);
  kept.drop(item.key);
  byId(`pending-${item.key}`)?.remove();
  applyPatch(fragmentOf(await answer.text()), { asked });
  if (openId() !== item.id) keepForLater(item);
  used.giveBack(item.id, item.replies);
}

/** Nothing answered: it goes out when the line is back, for an hour; after that a person decides. */
function hold(item) {
  underway.set(item.key, item);
  held.set(item.key, item);
  drafts.keep(item.id, item.body, item.isNote, item.key, item.seen);
  mark(item, t(WAITING));
  clearTimeout(retryTimer);
  retryTimer = setTimeout(release, RETRY_AFTER);
}

function failed(item, why) {
  underway.delete(item.key);
  kept.drop(item.key);
  drafts.keep(item.id, item.body, item.isNote, item.key, item.seen);
  if (openId() === item.id) mark(item, why, true);
  else keepForLater(item);
}

function keepForLater(item) {
  drafts.keep(item.id, item.body, item.isNote, "", item.seen);
  const { name } = item;
  if (item.isNote) toast(t("Your note to {name} wasn't sent. It's kept as a draft.", { name }));
  else toast(t("Your text to {name} wasn't sent. It's kept as a draft.", { name }));
}

function mark(item, words, isFailed = false) {
  const bubble = byId(`pending-${item.key}`);
  if (!bubble) return;
  const meta = $(".msg__meta, header", bubble);
  bubble.classList.toggle("msg--failed", isFailed && !item.isNote);
  meta.classList.toggle("msg__meta--failed", isFailed);
  meta.innerHTML = `${icon(isFailed ? "alert" : "clock")} <span></span>`;
  $("span", meta).textContent = isFailed ? t("Not sent. {why}.", { why: words }) : words;
  if (isFailed) meta.append(button(t("Try again"), () => send(item)), button(t("Edit"), () => edit(item)));
}

function button(words, act) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "link";
  element.textContent = words;
  element.addEventListener("click", act);
  return element;
}

/** Back into the box; it may change now, so it gets a new key. */
function edit(item) {
  byId(`pending-${item.key}`)?.remove();
  held.delete(item.key);
  kept.drop(item.key);
  emit("desk:reuse", { body: item.body, key: freshKey(), files: item.files, replies: item.replies });
}

function release() {
  clearTimeout(retryTimer);
  for (const item of [...held.values()]) {
    held.delete(item.key);
    if (Date.now() - item.since < RETRY_FOR) line = line.then(() => deliver(item));
    else failed(item, t("The connection was gone for more than an hour"));
  }
}

/** Back in a conversation whose text is still on its way: show it again. */
function redraw() {
  for (const item of underway.values()) {
    if (item.id !== openId() || $(`[data-key="${CSS.escape(item.key)}"]`, byId("thread-log"))) continue;
    draw(item);
    if (held.has(item.key)) mark(item, t(WAITING));
  }
}

/** What another window sent, and was closed before it was answered: it waits here now. */
async function takeOver() {
  for (const item of await kept.adopt()) {
    underway.set(item.key, item);
    held.set(item.key, item);
  }
  redraw();
  if (document.documentElement.dataset.live) release();
}

export function start() {
  kept.hold();
  document.addEventListener("desk:online", release);
  document.addEventListener("desk:thread", redraw);
  addEventListener("beforeunload", (event) => [...held.keys()].some((key) => !kept.has(key)) && event.preventDefault());
  takeOver().catch(() => {});
}
