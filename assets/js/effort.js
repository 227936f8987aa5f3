// Time texting: seconds with a thread in front, told as sums. No moment, key or movement leaves this module.

import { $, headers, openId } from "./dom.js";

const IDLE = 60_000;
const PAUSE = 10_000;
const EVERY = 30_000;
const LONGEST_TICK = 2000;

let acted = 0;
let typed = 0;
let ticked = 0;
let told = 0;
const spent = new Map();

/** Milliseconds on the open conversation since the last tick; nothing while away, idle, or after the machine slept. */
function tick() {
  const now = performance.now();
  const passed = Math.min(now - ticked, LONGEST_TICK);
  ticked = now;
  const id = Number(openId());
  if (id && !document.hidden && document.hasFocus() && now - acted < IDLE) {
    const entry = spent.get(id) ?? [0, 0];
    entry[now - typed < PAUSE ? 1 : 0] += passed;
    spent.set(id, entry);
  }
  if (now - told >= EVERY) tell();
}

/** Tell whole seconds; what is left of them waits for the next time, and so does all when nothing answers. */
function tell() {
  told = performance.now();
  const whole = [...spent].map(([id, [reading, writing]]) => [id, Math.floor(reading / 1000), Math.floor(writing / 1000)]);
  const some = whole.filter(([, reading, writing]) => reading + writing > 0).slice(0, 50);
  if (!some.length) return;
  const url = $("[data-effort]").dataset.effort;
  for (const [id, reading, writing] of some) add(id, -1000 * reading, -1000 * writing);
  fetch(url, { method: "POST", body: JSON.stringify(some), headers: { ...headers(), "Content-Type": "application/json" }, keepalive: true }).catch(() => {
    for (const [id, reading, writing] of some) add(id, 1000 * reading, 1000 * writing);
  });
}

function add(id, reading, writing) {
  const [had, wrote] = spent.get(id) ?? [0, 0];
  spent.set(id, [had + reading, wrote + writing]);
}

export function start() {
  if (!$("[data-effort]")) return;
  ticked = told = acted = performance.now();
  typed = -PAUSE;
  const act = () => (acted = performance.now());
  for (const type of ["pointermove", "pointerdown", "keydown", "wheel", "touchstart", "focus"]) addEventListener(type, act, { passive: true, capture: true });
  document.addEventListener("input", (event) => event.target.id === "composer-text" && (typed = performance.now()));
  document.addEventListener("visibilitychange", () => document.hidden && tell());
  addEventListener("pagehide", tell);
  setInterval(tick, 1000);
}
