// Single-key shortcuts. Off while typing, in dialogs, and altogether with <html data-keys="off"> (WCAG 2.1.4).

import htmx from "htmx.org/dist/htmx.esm.js";

import { $, $$, byId, on, openId } from "./dom.js";
import * as composer from "./composer.js";
import { openConversation } from "./nav.js";
import * as overlays from "./overlays.js";

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
let went = -Infinity;
let settle = 0;

/** In a field that is there to be seen: one in a menu that just closed may keep the focus for a moment. */
const isTyping = (target) => target instanceof Element && target.closest("input, textarea, select, [contenteditable]") && target.checkVisibility();
const threadUrl = () => byId("thread")?.dataset.url ?? "";

function move(step) {
  const rows = $$("#convlist-rows .conv");
  if (!rows.length) return;
  const focused = rows.findIndex((row) => row.contains(document.activeElement));
  const at = focused >= 0 ? focused : rows.findIndex((row) => row.dataset.id === openId());
  const row = rows[at < 0 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1)];
  const link = $(".conv__name", row);
  link.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  clearTimeout(settle);
  settle = setTimeout(() => row.dataset.id !== openId() && openConversation(link.getAttribute("href")), 120);
}

/** POST one of the verbs of a conversation; the answer is a patch. */
export function act(url, verb, values = {}) {
  if (!url) return;
  htmx.ajax("POST", `${url}${verb}/`, { swap: "patch", target: "#thread", source: byId("main"), values });
}

/** The conversation a key acts on: the focused row's, else the open one. */
function subject() {
  const row = document.activeElement?.closest?.(".conv");
  return row ? $(".conv__name", row).getAttribute("href") : threadUrl();
}

const menu = (verb) => () => {
  if (!subject()) return;
  overlays.loadMenu(`${subject()}${verb}/`, $(`[data-open-popover="${verb}"]`) ?? byId("thread-head"));
};

const actions = {
  j: () => move(1),
  k: () => move(-1),
  r: () => composer.focus(),
  a: menu("assign"),
  h: menu("snooze"),
  l: menu("tag"),
  i: () => act(subject(), "assign", { member: "me" }),
  e: () => act(subject(), "done"),
  n: () => composer.toggleNote(),
  c: () => $("[data-key-c]")?.click(),
  "/": () => palette(),
  "?": () => overlays.showShortcuts(),
};

function palette() {
  const opener = $(".views__search");
  if (opener) overlays.loadDialog(opener.getAttribute("hx-get"));
}

function goTo(key) {
  const labels = { i: "Inbox", s: "Settings" };
  const link = labels[key] && $(`.rail__item[aria-label="${labels[key]}"]`);
  if (link) location.assign(link.href);
  return Boolean(link);
}

function escape() {
  const field = document.activeElement;
  if (field?.closest("#composer")) byId("thread-scroll")?.focus();
  delete document.body.dataset.panel;
  delete document.body.dataset.views;
}

function onKey(event) {
  if (event.defaultPrevented || event.isComposing) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key === "k" && (event.metaKey || event.ctrlKey) && !event.shiftKey && !event.altKey) {
    event.preventDefault();
    return palette();
  }
  if (overlays.isOpen() || event.metaKey || event.ctrlKey || event.altKey) return;
  if (key === "Escape") return escape();
  if (document.documentElement.dataset.keys === "off" || isTyping(event.target)) return;
  if (key === "Enter" && document.activeElement?.id === "thread-scroll") {
    event.preventDefault();
    return composer.focus();
  }
  if (performance.now() - went < 1200 && goTo(key)) return;
  went = key === "g" ? performance.now() : -Infinity;
  if (!actions[key] || (event.shiftKey && key !== "?")) return;
  event.preventDefault();
  actions[key]();
}

function quick(event, button) {
  const row = button.closest(".conv");
  const url = $(".conv__name", row).getAttribute("href");
  const verb = button.dataset.quick;
  if (verb === "me") act(url, "assign", { member: "me" });
  else if (verb === "snooze") overlays.loadMenu(`${url}snooze/`, button);
  else act(url, verb);
}

function nameKeys() {
  if (isMac) for (const cap of $$("[data-mod]")) cap.textContent = "⌘";
}

export function start() {
  nameKeys();
  document.addEventListener("keydown", onKey);
  document.addEventListener("htmx:load", nameKeys);
  on("click", "[data-quick]", quick);
  on("click", "[data-press]", (event, line) => {
    event.preventDefault();
    byId("dialog").close();
    actions[line.dataset.press.toLowerCase()]?.();
  });
}
