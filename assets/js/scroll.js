// The log stays at the bottom only if it was there; otherwise a pill says what is new.

import { $, byId, on } from "./dom.js";

const NEAR = 48;
let unseen = 0;
let atBottom = true;

const scroller = () => byId("thread-scroll");

export const isAtBottom = () => {
  const box = scroller();
  return !box || box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
};

/** Whether newer texts than the last one here exist, which are not loaded. */
export const isCutOff = () => Boolean($("a#log-later"));

/** Show one text in the middle and let it be seen and heard that it is the one. */
export function toMessage(id) {
  const box = scroller();
  const item = byId(`msg-${id}`);
  if (!box || !item) return false;
  box.scrollTop += item.getBoundingClientRect().top - box.getBoundingClientRect().top - (box.clientHeight - Math.min(item.offsetHeight, box.clientHeight)) / 2;
  atBottom = isAtBottom() && !isCutOff();
  for (const other of document.querySelectorAll(".is-target")) other.classList.remove("is-target");
  keepTarget(item);
  item.focus({ preventScroll: true });
  return true;
}

/** Mark a text as the one a link leads to. */
export function keepTarget(item) {
  item.classList.add("is-target");
  item.tabIndex = -1;
}

export function toBottom() {
  const box = scroller();
  if (box) box.scrollTop = box.scrollHeight;
  atBottom = true;
  showUnseen(0);
}

/** Where the reader is, before the log changes. */
export function remember() {
  const box = scroller();
  const anchor = box && firstVisible(box);
  return { bottom: isAtBottom() && !isCutOff(), anchor, offset: anchor ? anchor.getBoundingClientRect().top : 0 };
}

function firstVisible(box) {
  const top = box.getBoundingClientRect().top;
  for (const item of byId("thread-log").children) {
    if (item.hidden || item.matches("#log-earlier, .day")) continue; // The line of a day moves when more of it is loaded.
    if (item.getBoundingClientRect().bottom > top) return item;
  }
  return null;
}

/** Put the reader back after `added` items came in at the end. */
export function restore(place, added) {
  const box = scroller();
  if (!box) return;
  if (place.bottom) return toBottom();
  if (place.anchor?.isConnected) box.scrollTop += place.anchor.getBoundingClientRect().top - place.offset;
  if (added) showUnseen(unseen + added);
}

function showUnseen(count) {
  unseen = count;
  const pill = byId("new-pill");
  if (!pill) return;
  pill.hidden = count === 0;
  $("span", pill).textContent = `${count} new`;
}

function watch() {
  const box = scroller();
  if (!box) return;
  const target = byId("thread").dataset.target;
  toBottom();
  if (target) toMessage(target);
  let height = box.clientHeight;
  box.addEventListener("scroll", () => {
    if (box.clientHeight !== height) return; // The box itself changed: the observer below keeps the place.
    atBottom = isAtBottom() && !isCutOff();
    if (atBottom && unseen) {
      showUnseen(0);
      document.dispatchEvent(new CustomEvent("desk:seen"));
    }
  }, { passive: true });
  new ResizeObserver(() => {
    height = box.clientHeight;
    if (atBottom) toBottom();
  }).observe(box);
}

export function start() {
  watch();
  document.addEventListener("desk:thread", watch);
  on("click", "#new-pill", () => {
    if (isCutOff()) return document.dispatchEvent(new CustomEvent("desk:newest"));
    toBottom();
    document.dispatchEvent(new CustomEvent("desk:seen"));
    return undefined;
  });
}
