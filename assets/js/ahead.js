// Keys pressed while a dialog or a menu is on its way are meant for it: they wait for it and run no command meanwhile.

import { byId } from "./dom.js";
import * as overlays from "./overlays.js";

const LONGEST = 200;
const isHost = (element) => Boolean(element) && (element === byId("dialog") || element === byId("popover"));
const isField = (element) => element.matches("input:not([type=checkbox], [type=radio]), textarea, select");
let coming = null;
let typed = [];
let unwanted = null;

function asked(event) {
  const { target, requestConfig, xhr } = event.detail;
  if (isHost(target) && !overlays.isOpen() && requestConfig.verb === "get") [coming, typed] = [xhr, []];
}

function onKey(event) {
  if (!coming || event.isComposing || event.metaKey || event.ctrlKey || event.altKey) return;
  if (isField(event.target) && !event.target.closest("#dialog, #popover") && event.target.checkVisibility()) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (event.key === "Escape") unwanted = forget();
  else if (event.key === "Backspace") typed.pop();
  else if ((event.key.length === 1 || /^(Enter|Tab|Arrow)/.test(event.key)) && typed.length < LONGEST) typed.push(event.key);
}

function forget() {
  const request = coming;
  [coming, typed] = [null, []];
  return request;
}

/** It is there: it gets what was typed, up to a Tab, for where that would lead isn't known. */
function arrived(event) {
  if (!coming || event.detail.xhr !== coming) return;
  const keys = typed.includes("Tab") ? typed.slice(0, typed.indexOf("Tab")) : typed;
  forget();
  if (overlays.isOpen()) keys.forEach(press);
}

function press(key) {
  const at = document.activeElement;
  if (key.length === 1 && isField(at)) {
    if (at.selectionStart === null || at.selectionStart === undefined) return;
    at.setRangeText(key, at.selectionStart, at.selectionEnd, "end");
    at.dispatchEvent(new Event("input", { bubbles: true }));
    return;
  }
  const isLeft = at.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  if (isLeft && key === "Enter" && at.matches("a, button")) at.click();
}

/** Escape before it was there: it doesn't open. */
function arriving(event) {
  if (event.detail.xhr === unwanted) event.detail.shouldSwap = false;
}

export function start() {
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("htmx:beforeSend", asked);
  document.addEventListener("htmx:beforeSwap", arriving);
  document.addEventListener("htmx:afterSettle", arrived);
  document.addEventListener("htmx:afterRequest", (event) => event.detail.xhr === coming && !overlays.isOpen() && forget());
}
