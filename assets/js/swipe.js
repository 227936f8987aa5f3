// A swipe on a row of the list: to the right it is done, to the left it is snoozed. The buttons of the row do the same.

import { $, on } from "./dom.js";
import { isOn } from "./select.js";

const FAR = 88;
const SLACK = 12;
let at = null;

function begin(event) {
  const row = event.pointerType === "touch" && event.target.closest?.(".conv");
  at = row && !isOn() && $('[data-quick="done"]', row) ? { row, x: event.clientX, y: event.clientY, moved: 0, id: event.pointerId } : null;
}

function follow(event) {
  if (!at || event.pointerId !== at.id) return;
  const [x, y] = [event.clientX - at.x, event.clientY - at.y];
  if (!at.moved && Math.abs(y) > SLACK && Math.abs(y) > Math.abs(x)) return void (at = null); // It scrolls.
  if (!at.moved && Math.abs(x) < SLACK) return;
  at.moved = x;
  at.row.dataset.swipe = x > 0 ? "done" : "snooze";
  at.row.toggleAttribute("data-far", Math.abs(x) > FAR);
  at.row.style.setProperty("--swipe", `${Math.max(-140, Math.min(140, x))}px`);
}

function end(event) {
  if (!at || event.pointerId !== at.id) return;
  const { row, moved } = at;
  at = null;
  row.style.removeProperty("--swipe");
  const verb = row.dataset.swipe;
  delete row.dataset.swipe;
  row.removeAttribute("data-far");
  if (!moved) return;
  row.dataset.swiped = "";
  setTimeout(() => delete row.dataset.swiped, 60);
  if (event.type === "pointerup" && Math.abs(moved) > FAR) $(`[data-quick="${verb}"]`, row)?.click();
}

export function start() {
  document.addEventListener("pointerdown", begin);
  document.addEventListener("pointermove", follow);
  document.addEventListener("pointerup", end);
  document.addEventListener("pointercancel", end);
  // What follows a swipe is no tap.
  on("click", ".conv[data-swiped] .conv__name", (event) => {
    event.preventDefault();
    event.stopPropagation();
  }, true);
}
