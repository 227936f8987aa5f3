// A wallboard keeps itself up to date: it listens for "something changed", asks for the numbers, and lets waits tick.
// It may hang on a wall for weeks: nothing is kept here, and whatever fails is tried again.

import { Idiomorph } from "idiomorph/dist/idiomorph.esm.js";
import { t } from "./words.js";

const GAP = 2000; // Between two questions; many texts at once cost no more than one.
const MINUTE = 60 * 1000; // Asked for anyway: midnight, people who come and go, a wait that becomes late.
const LONGEST = 15 * 1000;
const MOST_DOUBLINGS = 6;

const root = document.querySelector("[data-board]");
const host = root.querySelector("[data-board-host]");
const state = root.querySelector("[data-board-state]");
const clock = root.querySelector("[data-board-clock]");
const fullButton = root.querySelector("[data-board-full]");

let source = null;
let failures = 0;
let retryTimer = 0;
let askTimer = 0;
let asking = false;
let again = false;
let askedAt = -Infinity;
let freshAt = Date.now();

// The numbers ------------------------------------------------------------------------------------------------------------

function want() {
  if (asking) {
    again = true;
    return;
  }
  clearTimeout(askTimer);
  askTimer = setTimeout(ask, Math.max(0, askedAt + GAP - performance.now()));
}

async function ask() {
  [asking, again, askedAt] = [true, false, performance.now()];
  try {
    const answer = await fetch(root.dataset.now, {
      headers: { "HX-Request": "true" },
      redirect: "manual",
      signal: AbortSignal.timeout(LONGEST),
    });
    if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) return shut();
    if (!answer.ok) throw new Error(`board ${answer.status}`);
    const part = await answer.text();
    Idiomorph.morph(host, part, { morphStyle: "innerHTML" });
    freshAt = Date.now();
    tick();
  } catch {
    again = true;
    askedAt = performance.now() + 5000;
  } finally {
    asking = false;
    if (again) want();
  }
}

/** The session is over, or the link was revoked: nothing old stays on the wall. */
function shut() {
  close();
  again = false;
  clearTimeout(retryTimer);
  clearTimeout(askTimer);
  location.reload();
}

// The stream -------------------------------------------------------------------------------------------------------------

async function connect() {
  clearTimeout(retryTimer);
  close();
  try {
    const answer = await fetch(root.dataset.ticket, { redirect: "manual", signal: AbortSignal.timeout(LONGEST) });
    if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) return shut();
    if (!answer.ok) throw new Error(`ticket ${answer.status}`);
    listen((await answer.json()).url);
  } catch {
    retry();
  }
}

function listen(url) {
  const stream = new EventSource(url);
  source = stream;
  stream.onopen = () => {
    failures = 0;
    document.documentElement.dataset.live = "on";
    say();
    want();
  };
  stream.addEventListener("changed", want);
  stream.addEventListener("renew", () => source === stream && connect());
  stream.onerror = () => source === stream && retry();
}

function close() {
  source?.close();
  source = null;
  delete document.documentElement.dataset.live;
}

/** After 0.5, 1, 2 ... 16 seconds, give or take a third, so that many screens do not return at once. */
function retry() {
  close();
  failures = Math.min(failures + 1, MOST_DOUBLINGS);
  say();
  retryTimer = setTimeout(connect, 250 * 2 ** failures * (0.67 + Math.random() * 0.66));
}

/** Said to everybody who looks, and only when it changes to whoever listens. */
function say() {
  const isLive = source !== null;
  const isOld = Date.now() - freshAt > 2 * MINUTE;
  const words = isLive && !isOld ? t("Live") : failures > 2 || isOld ? t("Not up to date") : t("Connecting");
  state.classList.toggle("wb__live--off", !isLive || isOld);
  if (state.textContent !== words) state.textContent = words;
}

// What ticks -------------------------------------------------------------------------------------------------------------

/** The same as `tick_words` in twoway/desk/builders/wallboard.py. */
function span(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n) => String(n).padStart(2, "0");
  if (whole < 3600) return [`${Math.floor(whole / 60)}:${two(whole % 60)}`, ""];
  if (whole < 86400) return [`${Math.floor(whole / 3600)}:${two(Math.floor((whole % 3600) / 60))}`, t("h")];
  return [String(Math.floor(whole / 86400)), t("d")];
}

function write(element, words) {
  if (element && element.textContent !== words) element.textContent = words;
}

function tick() {
  const now = Date.now();
  for (const each of host.querySelectorAll("[data-tick]")) {
    const [value, unit] = span((now - Date.parse(each.dataset.tick)) / 1000);
    write(each.querySelector("[data-tick-value]"), value);
    write(each.querySelector("[data-tick-unit]"), unit);
    if (each.dataset.tickDue && Date.parse(each.dataset.tickDue) < now && !each.closest(".kpi--hot")) want();
  }
  write(clock, new Date().toLocaleTimeString(document.documentElement.lang, { hour: "numeric", minute: "2-digit", timeZone: root.dataset.zone }));
  say();
}

// The screen -------------------------------------------------------------------------------------------------------------

/** Keep it lit where the browser allows that; it lets go when the page is hidden, and is asked again. */
async function stayAwake() {
  if (document.hidden || !navigator.wakeLock) return;
  try {
    await navigator.wakeLock.request("screen");
  } catch {
    // A battery that is low or a policy forbids it: the numbers don't depend on it.
  }
}

function fullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen().catch(() => {});
}

function start() {
  if (document.fullscreenEnabled) {
    fullButton.hidden = false;
    fullButton.addEventListener("click", fullScreen);
    document.addEventListener("fullscreenchange", () => fullButton.setAttribute("aria-pressed", String(Boolean(document.fullscreenElement))));
  }
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    stayAwake();
    want();
  });
  addEventListener("online", () => ((failures = 0), connect()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => event.persisted && connect());
  setInterval(() => document.hidden || tick(), 1000);
  setInterval(() => document.hidden || want(), MINUTE);
  stayAwake();
  connect();
  tick();
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
