// Several conversations at once: which are selected, the bar that says what can be done with them, and one request.

import htmx from "htmx.org/dist/htmx.esm.js";

import { $, $$, byId, isPhone, on, openId } from "./dom.js";
import * as overlays from "./overlays.js";
import { t, tn } from "./words.js";

const MOST = 1000;
let chosen = new Set();
let anchor = "";
let whole = false;

const bar = () => byId("bulk-bar");
const rows = () => $$("#convlist-rows .convgroup:not([data-folded]) .conv");
const rowOf = (id) => byId(`conv-${id}`);

export const isOn = () => chosen.size > 0;

/** How many there are in the view, as its head says: "12" or "99+". */
const total = () => byId("list-total")?.textContent ?? "";

function words() {
  return whole ? t("All {n} selected", { n: total() }) : tn("{n} selected", "{n} selected", chosen.size);
}

function show({ say = true } = {}) {
  for (const row of $$("#convlist-rows .conv")) {
    const isChosen = whole || chosen.has(row.dataset.id);
    row.toggleAttribute("data-selected", isChosen);
    const box = $("[data-pick]", row);
    if (box) box.checked = isChosen;
  }
  const box = bar();
  if (!box) return;
  box.hidden = !isOn();
  byId("convlist").toggleAttribute("data-selecting", isOn());
  $("[data-bulk-count]", box).textContent = words();
  $("[data-bulk-all]", box).hidden = whole || chosen.size < rows().length || total() === String(chosen.size);
  if (say) byId("bulk-live").textContent = isOn() ? words() : t("Nothing selected");
}

export function clear() {
  if (!isOn()) return;
  [chosen, anchor, whole] = [new Set(), "", false];
  show();
}

function toggle(id) {
  if (whole) [whole, chosen] = [false, new Set(rows().map((row) => row.dataset.id))];
  if (chosen.has(id)) chosen.delete(id);
  else if (chosen.size < MOST) chosen.add(id);
  anchor = id;
  show();
}

/** The row the keys are at: the one with the focus, else the open conversation's, else the first. */
function current() {
  return document.activeElement?.closest?.(".conv") ?? rowOf(openId()) ?? rows()[0];
}

export function toggleCurrent() {
  const row = current();
  if (!row) return;
  toggle(row.dataset.id);
  $(".conv__name", row).focus({ preventScroll: true });
}

function range(to) {
  const all = rows();
  const ends = [anchor || to, to].map((id) => all.findIndex((row) => row.dataset.id === id));
  if (ends.includes(-1)) return toggle(to);
  const [from, until] = [Math.min(...ends), Math.max(...ends)];
  for (const row of all.slice(from, until + 1)) if (chosen.size < MOST) chosen.add(row.dataset.id);
  anchor ||= to;
  return show();
}

/** Select the row the keys are at and the next one, and go there. */
export function extend(step) {
  const all = rows();
  const row = current();
  const next = all[Math.min(Math.max(all.indexOf(row) + step, 0), all.length - 1)];
  if (!next) return;
  anchor ||= row.dataset.id;
  chosen.add(row.dataset.id);
  chosen.add(next.dataset.id);
  $(".conv__name", next).focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  show();
}

/** Everything in the view: what is loaded at once, and if asked again what isn't loaded yet too. */
export function all() {
  const loaded = rows().map((row) => row.dataset.id);
  if (!loaded.length) return;
  const had = chosen.size;
  for (const id of loaded) if (chosen.size < MOST) chosen.add(id);
  if (had >= loaded.length && $("a#list-more")) whole = true;
  show();
}

const fields = () => (whole ? { all: "1" } : { ids: [...chosen].join(",") });

export function act(verb, values = {}) {
  return htmx.ajax("POST", bar().dataset.url, { swap: "patch", target: "#thread", source: bar(), values: { do: verb, ...fields(), ...values } });
}

export function menu(verb) {
  const opener = $(`[data-open-popover="bulk-${verb}"]`);
  return opener && overlays.loadMenu(opener.getAttribute("href"), opener);
}

/** A long press on a phone selects; once something is selected a tap does. */
function watchTouch() {
  let timer = 0;
  let start = null;
  let pressed = false;
  document.addEventListener("pointerdown", (event) => {
    const row = event.pointerType === "touch" && event.target.closest?.(".conv");
    pressed = false;
    if (!row) return;
    start = { x: event.clientX, y: event.clientY };
    clearTimeout(timer);
    timer = setTimeout(() => {
      pressed = true;
      toggle(row.dataset.id);
      navigator.vibrate?.(10);
    }, 450);
  });
  const stop = () => clearTimeout(timer);
  document.addEventListener("pointermove", (event) => start && Math.hypot(event.clientX - start.x, event.clientY - start.y) > 8 && stop());
  for (const type of ["pointerup", "pointercancel"]) document.addEventListener(type, stop);
  on("contextmenu", ".conv", (event) => pressed && event.preventDefault());
  on("click", ".conv", (event, row) => {
    const tapped = isPhone() && isOn() && !event.target.closest("[data-pick], .conv__quick");
    if (!pressed && !tapped) return;
    event.preventDefault();
    event.stopPropagation();
    if (!pressed) toggle(row.dataset.id);
    pressed = false;
  }, true);
}

export function start() {
  on("change", "[data-pick]", (event, box) => toggle(box.closest(".conv").dataset.id));
  on("click", "[data-pick]", (event, box) => {
    if (!event.shiftKey) return;
    event.preventDefault();
    setTimeout(() => range(box.closest(".conv").dataset.id));
  });
  on("click", ".conv__name", (event, link) => {
    if (!event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (!anchor) anchor = openId() || link.closest(".conv").dataset.id;
    range(link.closest(".conv").dataset.id);
  }, true);
  on("click", "[data-bulk]", (event, button) => act(button.dataset.bulk));
  on("click", "[data-bulk-clear]", clear);
  on("click", "[data-bulk-all]", () => ((whole = true), show()));
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt.matches?.("[data-bulk-form]")) Object.entries(fields()).forEach(([name, value]) => (event.detail.parameters[name] = value));
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && (event.detail.pathInfo?.requestPath === bar()?.dataset.url || event.detail.elt.matches?.("[data-bulk-form]"))) clear();
  });
  // What was taken back can't be taken back again.
  document.addEventListener("htmx:afterRequest", (event) => event.detail.successful && event.detail.elt.closest?.(".toast")?.remove());
  document.addEventListener("desk:list", clear);
  document.addEventListener("desk:patched", () => {
    if (!whole) for (const id of chosen) if (!rowOf(id)) chosen.delete(id);
    if (isOn() || bar()?.hidden === false) show({ say: false });
  });
  watchTouch();
}
