// Live updates: a ticket, an event stream, and one question at a time for what changed.

import { $, $$, byId, emit, fragmentOf, headers, isSameList, on, openId, post, screen, tab, whole } from "./dom.js";
import { applyPatch, newestSort } from "./patch.js";
import * as preload from "./preload.js";
import { isAtBottom } from "./scroll.js";
import { t } from "./words.js";

const GAP = 250;
const GAP_OPEN = 40;
const DUTY = 4;
const MAX_ROWS = 200;
const MANY = 50;
const LONGEST = 15 * 1000; // An answer that never comes must not hold up every later one.
const HIDDEN_CLOSE = 5 * 60 * 1000;

let source = null;
let root = null;
let failures = 0;
let retryTimer = 0;
let hiddenTimer = 0;
let wanted = new Set();
let full = false;
let askTimer = 0;
let lastAsked = -Infinity;
let lastOpen = -Infinity;
let gap = GAP;
let troubled = false;
let writing = 0;
let inFlight = null;
let overtaken = [];

// What changed ---------------------------------------------------------------------------------------------------------

function want(ids, { everything = false } = {}) {
  ids = [...ids];
  ids.forEach((id) => wanted.add(String(id)));
  full ||= everything;
  preload.touched(everything ? null : ids.map(String));
  plan();
}

/** The open conversation is asked for at once and alone; the list waits its turn, longer the longer an answer takes. */
function plan() {
  if (inFlight || document.hidden || !(wanted.size || full)) return;
  const list = Math.max(0, lastAsked + gap - performance.now());
  const wait = isUrgent() ? Math.min(list, Math.max(0, lastOpen + GAP_OPEN - performance.now())) : list;
  clearTimeout(askTimer);
  if (wait === 0) ask(list > 0);
  else askTimer = setTimeout(plan, wait);
}

const isUrgent = () => !troubled && wanted.has(openId());

function question(ids, everything) {
  const asked = screen();
  const query = new URLSearchParams({ view: asked.view, status: asked.status, quick: asked.quick, c: openId(), after: newestSort() });
  const whole = everything || ids.size > MANY;
  const first = ids.has(openId()) ? [openId()] : [];
  const named = ids.size > MANY ? first : [...first, ...ids];
  query.set("ids", [...new Set([...named, ...(whole ? shownIds() : [])])].slice(0, MAX_ROWS).join(","));
  if (whole) query.set("full", "1");
  if (byId("calls-due")) query.set("calls", byId("callbacks")?.dataset.box ?? "1");
  return { asked, url: `${root.dataset.delta}?${query}` };
}

const shownIds = () => $$("#convlist-rows .conv").map((row) => row.dataset.id);

async function ask(onlyOpen) {
  const ids = onlyOpen ? new Set([openId()]) : wanted;
  const everything = full && !onlyOpen;
  if (onlyOpen) wanted.delete(openId());
  else [wanted, full] = [new Set(), false];
  const began = (lastOpen = performance.now());
  if (!onlyOpen) lastAsked = began;
  inFlight = { ids, everything };
  if (writing) overtaken.push(inFlight);
  const { asked, url } = question(ids, everything);
  try {
    const answer = await fetch(url, { headers: headers(), redirect: "manual", signal: AbortSignal.timeout(LONGEST) });
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) return signedOut();
    if (!answer.ok) throw new Error(`delta ${answer.status}`);
    applyPatch(fragmentOf(await answer.text()), { asked });
    troubled = false;
    if (!onlyOpen) gap = Math.max(GAP, DUTY * (performance.now() - began));
    if (!isSameList(asked, screen())) want(ids);
    markRead();
    emit("desk:delta");
  } catch {
    ids.forEach((id) => wanted.add(id));
    full ||= everything;
    troubled = true;
    lastAsked = performance.now() + 1000 * Math.min(8, 2 ** failures);
    failures += 1;
  } finally {
    inFlight = null;
    plan();
  }
}

/** Texts that arrived while the open conversation is in view count as read. */
let readTimer = 0;
function markRead() {
  const id = openId();
  const thread = byId("thread");
  if (!id || document.hidden || !isAtBottom() || !$(`#conv-${id}.is-unread`)) return;
  clearTimeout(readTimer);
  readTimer = setTimeout(async () => {
    if (openId() !== id) return;
    const asked = screen();
    const answer = await whole(post(`${thread.dataset.url}read/`, {}));
    if (answer?.status === 200) applyPatch(fragmentOf(answer.body), { asked });
  }, 600);
}

// The stream -------------------------------------------------------------------------------------------------------------

async function connect() {
  clearTimeout(retryTimer);
  close();
  try {
    const answer = await fetch(root.dataset.ticket, { headers: { Accept: "application/json" }, redirect: "manual" });
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) return signedOut();
    if (!answer.ok) throw new Error(`ticket ${answer.status}`);
    listen((await answer.json()).url);
  } catch {
    retry();
  }
}

function listen(url) {
  const stream = new EventSource(`${url}&tab=${tab}`);
  source = stream;
  stream.onopen = () => {
    failures = 0;
    hideBar();
    document.documentElement.dataset.live = "on";
    document.dispatchEvent(new CustomEvent("desk:online"));
    want([], { everything: true });
  };
  stream.addEventListener("changed", (event) => {
    const { conversations } = JSON.parse(event.data);
    want(conversations.filter(Boolean), { everything: conversations.includes(0) });
  });
  stream.addEventListener("presence", (event) => emit("desk:presence", JSON.parse(event.data)));
  stream.addEventListener("bell", () => emit("desk:bell"));
  stream.addEventListener("draft", (event) => emit("desk:drafted", JSON.parse(event.data).conversations));
  stream.addEventListener("renew", () => source === stream && connect());
  stream.onerror = () => source === stream && retry();
}

function close() {
  source?.close();
  source = null;
  delete document.documentElement.dataset.live;
}

/** Try again after 0.5, 1, 2 ... 15 seconds, give or take a third, so that a thousand desks do not return at once. */
function retry() {
  close();
  failures += 1;
  const wait = Math.min(15000, 250 * 2 ** failures) * (0.67 + Math.random() * 0.66);
  retryTimer = setTimeout(connect, wait);
  if (!navigator.onLine) offline();
  else if (failures > 2) showBar(t("The desk isn't answering."), t("New texts will appear as soon as it does. Your draft is safe on this device."));
}

// The bar ----------------------------------------------------------------------------------------------------------------

function showBar(head, words, button = t("Try now")) {
  const bar = byId("livebar");
  if (!bar) return;
  $("[data-live-head]", bar).textContent = head;
  $("[data-live-words]", bar).textContent = words;
  $("[data-live-retry]", bar).textContent = button;
  bar.hidden = false;
}

const hideBar = () => byId("livebar")?.setAttribute("hidden", "");

const offline = () => showBar(t("You're offline."), t("Your draft is safe on this device. We'll send it when you reconnect."));

/** The session is over: say so, keep the page and its draft. */
export function signedOut() {
  close();
  clearTimeout(retryTimer);
  showBar(t("You've been signed out."), t("Your draft is safe on this device."), t("Sign in"));
  const retryButton = $("[data-live-retry]");
  if (retryButton) retryButton.dataset.reload = "";
}

function visible() {
  clearTimeout(hiddenTimer);
  if (document.hidden) hiddenTimer = setTimeout(close, HIDDEN_CLOSE);
  else if (!source) connect();
  else {
    plan();
    markRead();
  }
}

/** Answers to a write and to questions put beside it may come in any order, the older one last: ask again afterwards. */
export function writeStarted() {
  writing += 1;
  if (inFlight) overtaken.push(inFlight);
}
export function writeEnded() {
  writing -= 1;
  if (writing || !overtaken.length) return;
  const again = overtaken;
  overtaken = [];
  if (!root) return;
  again.forEach(({ ids, everything }) => want(ids, { everything }));
}

export function start() {
  root = $("[data-live]");
  on("click", "[data-live-retry]", (event, button) => (button.dataset.reload === undefined ? connect() : location.reload()));
  if (!root) return;
  connect();
  document.addEventListener("visibilitychange", visible);
  document.addEventListener("desk:seen", markRead);
  document.addEventListener("desk:signedout", signedOut);
  addEventListener("online", () => ((failures = 0), connect()));
  addEventListener("offline", () => (close(), offline()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => event.persisted && connect());
  document.addEventListener("htmx:beforeRequest", (event) => event.detail.requestConfig?.verb !== "get" && writeStarted());
  document.addEventListener("htmx:afterRequest", (event) => event.detail.requestConfig?.verb !== "get" && writeEnded());
}
