// The conversations next to the open one, fetched while nothing else happens, so that a key shows them at once. Each is
// shown once: its form holds a key of its own. What changes meanwhile is dropped. Looking here marks nothing as read.

import { $, $$, byId, fragmentOf, headers, isPhone, openId } from "./dom.js";

const MOST = 6;
const GOOD_FOR = 30_000;
const AHEAD = [1, 2, -1];
const ready = new Map();
let asking = null;
let planned = 0;

const idle = (deed) => (window.requestIdleCallback ? requestIdleCallback(deed, { timeout: 500 }) : setTimeout(deed, 60));

const fresh = (url) => {
  const found = ready.get(url);
  if (found && performance.now() - found.at < GOOD_FOR) return found;
  ready.delete(url);
  return null;
};

export const has = (url) => Boolean(fresh(url));

/** What is kept for this address, to be shown now; it is not kept any longer. */
export function take(url) {
  const found = fresh(url);
  ready.delete(url);
  return found?.fragment ?? null;
}

/** Something happened to these conversations, or to any. */
export function touched(ids) {
  if (!ids) ready.clear();
  for (const id of ids ?? []) ready.delete(`/c/${id}/`);
  if (asking && (!ids || [...ids].some((id) => asking.url === `/c/${id}/`))) asking.abort.abort();
  plan();
}

function neighbours() {
  const rows = $$("#convlist-rows .convgroup:not([data-folded]) .conv");
  if (!rows.length) return [];
  const focused = rows.findIndex((row) => row.contains(document.activeElement));
  const at = focused >= 0 ? focused : rows.findIndex((row) => row.dataset.id === openId());
  const near = at < 0 ? [rows[0], rows[1]] : AHEAD.map((step) => rows[at + step]);
  return near.filter((row) => row && row.dataset.id !== openId()).map((row) => $(".conv__name", row).getAttribute("href"));
}

/** Look ahead once things are quiet. */
export function plan() {
  clearTimeout(planned);
  planned = setTimeout(() => idle(next), 80);
}

async function next() {
  if (asking || document.hidden || isPhone() || navigator.connection?.saveData || !byId("convlist")) return;
  const url = neighbours().find((one) => !fresh(one));
  if (!url) return;
  asking = { url, abort: new AbortController() };
  try {
    const answer = await fetch(`${url}?peek=1`, { headers: headers(), signal: asking.abort.signal, priority: "low", redirect: "manual" });
    if (answer.ok) keep(url, fragmentOf(await answer.text()));
    else return;
  } catch {
    return; // It is asked for again when it is wanted.
  } finally {
    asking = null;
  }
  plan();
}

function keep(url, fragment) {
  ready.set(url, { fragment, at: performance.now() });
  while (ready.size > MOST) ready.delete(ready.keys().next().value);
}

export function start() {
  for (const type of ["desk:list", "desk:delta"]) document.addEventListener(type, plan);
  // What was being written there goes to the server first; only then is it worth fetching again.
  document.addEventListener("desk:leaving", (event) => ready.delete(`/c/${event.detail.id}/`));
  plan();
}
