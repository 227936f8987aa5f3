// Macros: their shortcuts, what a run is told about what was on screen, and a reply handed back to be looked over.

import htmx from "htmx.org/dist/htmx.esm.js";

import { $, $$, byId, freshKey, headers, on, openId, whole } from "./dom.js";
import * as overlays from "./overlays.js";
import { put } from "./replies_picker.js";

const FRESH = 10 * 60_000;
let known = { keys: [], since: -Infinity };

/** The newest text the log shows: a macro that sends stops when there is a newer one. */
const newest = () => Math.max(0, ...$$("#thread-log > .msg[id^='msg-']").map((item) => Number(item.id.slice(4)) || 0));

async function learn() {
  if ("readonly" in document.body.dataset || (!byId("thread") && !byId("convlist"))) return;
  if (Date.now() - known.since < FRESH) return;
  known = { ...known, since: Date.now() };
  const answer = await whole(fetch("/macros/keys/", { headers: headers(), redirect: "manual" }));
  if (answer?.ok) known.keys = JSON.parse(answer.body).keys;
}

/** Run a macro on the open conversation. */
export function run(id) {
  const url = byId("thread")?.dataset.url;
  if (!url) return;
  htmx.ajax("POST", `${url}macros/${id}/`, {
    swap: "patch",
    target: "#thread",
    source: byId("main"),
    values: { key: freshKey(), seen: newest() },
  });
}

const isTyping = (target) => target instanceof Element && target.closest("input, textarea, select, [contenteditable]") && target.checkVisibility();

function onKey(event) {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (overlays.isOpen() || !openId()) return;
  const letter = /^(?:Key|Digit)(.)$/.exec(event.code)?.[1]?.toLowerCase() ?? "";
  const pressed = event.altKey ? `alt+${letter}` : event.key.toLowerCase();
  const found = known.keys.find(({ key }) => key === pressed);
  if (!found) return;
  if (!event.altKey && (document.documentElement.dataset.keys === "off" || isTyping(event.target))) return;
  event.preventDefault();
  run(found.id);
}

/** A macro handed a reply back: into the composer, as if it had been picked. */
async function fill(event) {
  const { id, reply } = event.detail;
  if (String(id) !== openId()) return;
  const answer = await whole(fetch(`/c/${id}/replies/${reply}/`, { headers: headers(), redirect: "manual" }));
  if (!answer?.ok || String(id) !== openId() || !byId("composer-text")) return;
  const field = byId("composer-text");
  await put(JSON.parse(answer.body), { from: field.value.length, to: field.value.length });
}

export function start() {
  document.addEventListener("keydown", onKey);
  document.body.addEventListener("desk:fill", fill);
  document.addEventListener("desk:thread", learn);
  on("click", "[data-macro-run]", (event, line) => {
    event.preventDefault();
    byId("dialog").close();
    run(line.dataset.macroRun);
  });
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt.matches?.("[data-macro]")) event.detail.parameters.set?.("seen", String(newest()));
  });
  learn();
}
