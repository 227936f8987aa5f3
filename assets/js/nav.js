// Which conversation and which list are on screen, the address bar, and one pane at a time on a phone.

import htmx from "htmx.org/dist/htmx.esm.js";

import { $, $$, byId, emit, fragmentOf, headers, isPhone, on, openId, post, screen, toast, whole } from "./dom.js";
import { applyPatch, markCurrent } from "./patch.js";
import * as preload from "./preload.js";
import { t } from "./words.js";

const SETTLE = 120;
const CONFIRM = 180;
let replaying = false;
let byKeyboard = false;
let settle = 0;
let confirm = 0;
let asking = null;

/**
 * Open a conversation in the middle pane: at once when it is there already, and then as the server has it now, which
 * also marks it read. `keyboard` moves focus into the thread.
 */
export function openConversation(url, { keyboard = false } = {}) {
  if (!byId("thread")) return location.assign(url);
  byKeyboard = keyboard;
  clearTimeout(settle);
  clearTimeout(confirm);
  asking?.abort();
  const fragment = preload.take(url);
  if (!fragment) return load(url);
  const first = document.createDocumentFragment();
  first.append(...$$("#thread", fragment));
  applyPatch(first);
  const asked = screen();
  painted(() => applyPatch(fragment, { asked }));
  confirm = setTimeout(shown, CONFIRM, url);
  return Promise.resolve();
}

/** Once the frame that is being made is on the screen. */
const painted = (deed) => requestAnimationFrame(() => setTimeout(deed));

/** It was there already and is looked at now: mark it read. Without the live stream it may be old, so it is asked for. */
async function shown(url) {
  if (document.documentElement.dataset.live !== "on") return load(url);
  const asked = screen();
  const answer = await whole(post(`${url}read/`, {}));
  if (answer?.status === 200) applyPatch(fragmentOf(answer.body), { asked });
  return preload.plan();
}

async function load(url) {
  const abort = (asking = new AbortController());
  const asked = screen();
  try {
    const answer = await fetch(url, { headers: headers(), signal: abort.signal, redirect: "manual" });
    if (answer.type === "opaqueredirect" || answer.status === 401) return void emit("desk:signedout");
    if (answer.headers.has("HX-Redirect")) return location.assign(answer.headers.get("HX-Redirect"));
    const body = await answer.text();
    if (abort.signal.aborted) return undefined;
    if (answer.headers.get("HX-Reswap") === "patch") return applyPatch(fragmentOf(body), { asked });
    return toast(t("Something broke on our side. Reference {reference}.", { reference: answer.headers.get("X-Request-Id") ?? "" }));
  } catch (error) {
    if (error.name !== "AbortError") toast(t("That didn't reach the desk. Try again once you're connected."));
    return undefined;
  } finally {
    if (asking === abort) asking = null;
    preload.plan();
  }
}

const loadedRows = () => $$("#convlist-rows .convgroup:not([data-folded]) .conv");
const linkOf = (row) => $(".conv__name", row);

/** Go so many rows on in the list and open the one that is there. */
export function move(step) {
  const rows = loadedRows();
  if (!rows.length) return;
  const focused = rows.findIndex((row) => row.contains(document.activeElement));
  const at = focused >= 0 ? focused : rows.findIndex((row) => row.dataset.id === openId());
  const row = rows[at < 0 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1)];
  const url = linkOf(row).getAttribute("href");
  clearTimeout(settle);
  const isOther = row.dataset.id !== openId();
  if (isOther && preload.has(url)) openConversation(url); // First what changes the page, then what measures it.
  else if (isOther) settle = setTimeout(openConversation, SETTLE, url);
  linkOf(row).focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

// After done or snooze comes the next one, for members who like that, or when they say so this once.

let always = "";
let following = null;

/** However the member has it: after what happens now to this conversation comes the next one. */
export function goOn(url) {
  always = url;
}

function aboutTo(event) {
  const path = event.detail.requestConfig?.verb === "post" ? (event.detail.pathInfo?.requestPath ?? "") : "";
  const url = /^(\/c\/\d+\/)(?:done|snooze)\/$/.exec(path)?.[1];
  const wants = document.documentElement.dataset.after === "next" || always === url;
  if (!url || !wants || byId("thread")?.dataset.url !== url) return;
  always = "";
  const rows = loadedRows();
  const at = rows.findIndex((row) => row.dataset.id === openId());
  const next = rows[at + 1] ?? rows[at - 1];
  following = { path, url, next: next ? linkOf(next).getAttribute("href") : "" };
}

function happened(event) {
  const now = following;
  if (!now || event.detail.pathInfo?.requestPath !== now.path) return;
  following = null;
  if (!event.detail.successful || byId("thread")?.dataset.url !== now.url) return;
  if (now.next) openConversation(now.next);
  else closeThread({ toList: true });
}

/** A text that was sent and done: on to the next one too, unless something is being written here. */
let onward = null;
function finishing({ detail: { id } }) {
  onward = null;
  if (document.documentElement.dataset.after !== "next" || openId() !== id || byId("composer-text")?.value) return;
  const rows = loadedRows();
  const at = rows.findIndex((row) => row.dataset.id === id);
  const next = rows[at + 1] ?? rows[at - 1];
  onward = { id, next: next ? linkOf(next).getAttribute("href") : "" };
}

function finished({ detail: { id } }) {
  const now = onward;
  onward = null;
  if (now?.id !== id || openId() !== id) return;
  if (now.next) openConversation(now.next);
  else closeThread({ toList: true });
}

function go(url) {
  if (replaying || location.pathname + location.search === url) return;
  history.pushState({ desk: true }, "", url);
}

function showPane(name) {
  document.body.dataset.view = name;
  delete document.body.dataset.views;
  delete document.body.dataset.panel;
}

function opened({ id, url }) {
  go(url);
  showPane("thread");
  markCurrent();
  const name = $("#thread-head h2")?.textContent.trim();
  if (name) document.title = `${name} · Twoway`;
  if (byKeyboard) byId("thread-scroll")?.focus({ preventScroll: true });
  byKeyboard = false;
  const row = byId(`conv-${id}`);
  if (!row?.contains(document.activeElement)) row?.scrollIntoView({ block: "nearest" });
}

function listed({ url }) {
  go(url);
  showPane("list");
  const title = $("#convlist h2")?.textContent.trim();
  if (title) document.title = `${title} · Twoway`;
  markCurrent();
}

/** Back to "no conversation picked". `toList` also takes the address and a phone's pane back there. */
export function closeThread({ toList = false } = {}) {
  if (!openId()) return;
  asking?.abort();
  clearTimeout(confirm);
  if (toList) {
    go(byId("convlist").dataset.url);
    showPane("list");
  }
  emit("desk:leaving", { id: openId() });
  const empty = byId("no-thread").content.cloneNode(true);
  byId("thread").replaceWith($("#thread", empty));
  byId("contact-panel").replaceWith($("#contact-panel", empty));
  markCurrent();
}

async function replay() {
  const list = byId("convlist");
  if (!list) return;
  replaying = true;
  const here = location.pathname + location.search;
  if (location.pathname.startsWith("/c/")) {
    if (byId("thread").dataset.url !== location.pathname) await openConversation(location.pathname);
    else showPane("thread");
  } else {
    closeThread();
    showPane("list");
    if (list.dataset.url !== here) await htmx.ajax("GET", here, { target: "#convlist", swap: "patch", source: list });
  }
  replaying = false;
}

function back(event) {
  event.preventDefault();
  if (history.state?.desk) return history.back();
  go(byId("convlist").dataset.url);
  closeThread();
  showPane("list");
}

export function start() {
  document.addEventListener("desk:thread", (event) => event.detail.id && opened(event.detail));
  document.addEventListener("desk:list", (event) => listed(event.detail));
  document.addEventListener("desk:finishing", finishing);
  document.addEventListener("desk:finished", finished);
  addEventListener("popstate", replay);
  on("click", "[data-back]", back);
  on("click", "[data-views]", (event, button) => {
    if (button === document.body) return;
    if (button.dataset.views === "open") document.body.dataset.views = "open";
    else delete document.body.dataset.views;
  });
  on("click", "[data-panel]", (event, button) => {
    if (button === document.body) return;
    if (button.dataset.panel === "open") document.body.dataset.panel = "open";
    else delete document.body.dataset.panel;
  });
  on("click", "[data-conversation]", (event, link) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    byId("dialog")?.close();
    openConversation(link.getAttribute("href"), { keyboard: !isPhone() });
  });
  on("click", ".conv__name", (event, link) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.defaultPrevented) return;
    event.preventDefault();
    event.stopPropagation();
    const keyboard = event.detail === 0;
    if (link.getAttribute("href") !== byId("thread")?.dataset.url) return openConversation(link.getAttribute("href"), { keyboard });
    showPane("thread"); // It is open already: only the focus goes there.
    return byId("thread-scroll")?.focus({ preventScroll: true });
  }, true);
  document.addEventListener("htmx:beforeRequest", aboutTo);
  document.addEventListener("htmx:afterRequest", happened);
}
