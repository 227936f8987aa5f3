// One dialog, one popover, and the keys inside them. Both are native elements: Escape and a click outside close them.

import htmx from "htmx.org/dist/htmx.esm.js";

import { $, $$, byId, on } from "./dom.js";

const dialog = () => byId("dialog");
const popover = () => byId("popover");
let anchor = null;

export const isOpen = () => Boolean(dialog()?.open || popover()?.matches(":popover-open"));

export function openDialog(content) {
  if (content) dialog().replaceChildren(content);
  const label = $("[data-label]", dialog())?.dataset.label;
  if (label) dialog().setAttribute("aria-label", label);
  if (!dialog().open) dialog().showModal();
  $("[autofocus]", dialog())?.focus();
}

export function closeAll() {
  dialog()?.close();
  if (popover()?.matches(":popover-open")) popover().hidePopover();
}

export function showShortcuts() {
  byId("me")?.hidePopover?.();
  openDialog(byId("shortcuts").content.cloneNode(true));
  htmx.process(dialog());
}

/** Ask the server for a fragment and open it. */
export const loadDialog = (url) => htmx.ajax("GET", url, { target: "#dialog", swap: "innerHTML", source: dialog() });

export function loadMenu(url, at) {
  anchor = at;
  return htmx.ajax("GET", url, { target: "#popover", swap: "innerHTML", source: popover() });
}

/** Show a menu made here, at a button. */
export function showMenu(content, at) {
  anchor = at;
  popover().replaceChildren(content);
  place();
}

function place() {
  const box = popover();
  const at = (anchor?.getClientRects().length ? anchor : byId("thread-head"))?.getBoundingClientRect();
  if (!box.matches(":popover-open")) box.showPopover();
  const { width, height } = box.getBoundingClientRect();
  const left = Math.min(Math.max(8, (at?.right ?? innerWidth) - width), innerWidth - width - 8);
  const below = (at?.bottom ?? 60) + 4;
  box.style.left = `${left}px`;
  box.style.top = `${below + height > innerHeight - 8 ? Math.max(8, (at?.top ?? 60) - height - 4) : below}px`;
  ($("[aria-checked='true'], .menu__item", box) ?? $('input:not([type="hidden"])', box))?.focus();
}

function loaded(event) {
  if (event.detail.target === dialog()) openDialog();
  if (event.detail.target === popover() && popover().childElementCount) place();
}

/** A form in a menu or dialog went well: its host has done its work. */
function done(event) {
  const { elt, successful } = event.detail;
  if (!successful || !(elt instanceof HTMLFormElement)) return;
  if (elt.matches("[data-menu-form]")) popover().hidePopover();
  if (elt.matches("[data-dialog-form]")) dialog().close();
  if (elt.matches("[data-clear]")) elt.reset();
}

// Keys ---------------------------------------------------------------------------------------------------------------

function moveInMenu(event) {
  const items = $$(".menu__item", popover());
  const at = items.indexOf(document.activeElement);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = (at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length;
    items[at < 0 && event.key === "ArrowDown" ? 0 : next]?.focus();
  } else if (/^[1-9]$/.test(event.key) && $("[data-digits]", popover()) && !event.target.matches("input")) {
    event.preventDefault();
    $(`[data-digit="${event.key}"]`, popover())?.click();
  }
}

export function start() {
  document.addEventListener("htmx:afterSwap", loaded);
  document.addEventListener("htmx:afterRequest", done);
  on("click", "[data-open-popover]", (event, link) => (anchor = link), true);
  on("click", "[data-close]", () => dialog().close());
  on("click", "#dialog", (event, box) => event.target === box && box.close());
  on("click", '[data-open="shortcuts"]', showShortcuts);
  on("keydown", "#popover", moveInMenu);
  on("keydown", 'a[role="button"]', (event, link) => {
    if (event.key !== " ") return;
    event.preventDefault();
    link.click();
  });
}
