// Puts an answer of the server where it belongs. Everything is keyed by element id, so nothing is lost or doubled,
// whatever the order of answers. docs/desk-templates.md says what a patch holds.

import htmx from "htmx.org/dist/htmx.esm.js";
import { Idiomorph } from "idiomorph/dist/idiomorph.esm.js";

import { $, $$, byId, emit, isSameList, openId, screen, showToast } from "./dom.js";
import { putComposer } from "./patch_composer.js";
import * as scroll from "./scroll.js";

/**
 * Apply every part of `fragment`. `asked` is what was on screen when the question was put: rows of another list and
 * parts of another conversation are dropped. `host` takes a menu or dialog that came back with an error.
 */
export function applyPatch(fragment, { asked = screen(), host = null } = {}) {
  const parts = [...fragment.children];
  const sameList = isSameList(asked, screen());
  const paging = Boolean($("a#list-more", fragment));
  for (const part of parts) applyPart(part, { sameList, paging, host });
  markCurrent();
  emit("desk:patched");
}

function applyPart(part, { sameList, paging, host }) {
  if (part.id === "thread") return putThread(part);
  if (part.id === "convlist") return putList(part);
  if (part.dataset.rows !== undefined) return sameList ? [...part.children].forEach((row) => putRow(row, paging)) : undefined;
  if (part.dataset.gone !== undefined) return sameList ? part.dataset.gone.split(",").forEach(dropRow) : undefined;
  if (part.dataset.items !== undefined) return part.dataset.items === openId() ? putItems([...part.children]) : undefined;
  if (part.dataset.toasts !== undefined) return [...part.children].forEach((line) => (showToast(line), htmx.process(line)));
  if (part.id === "composer") return part.dataset.id === openId() ? putComposer(part) : undefined;
  if (part.id === "callbacks") return emit("desk:callbacks", part);
  if (part.id === "list-more") return sameList ? replace(byId("list-more"), part) : undefined;
  if (part.classList.contains("pop")) return host ? (host.replaceChildren(part), htmx.process(part)) : undefined;
  if (/^(list|group)-/.test(part.id) && !sameList) return undefined;
  return putById(part);
}

function putById(part) {
  const old = byId(part.id);
  if (!old) return;
  if (part.dataset.id && openId() && part.dataset.id !== openId()) return;
  if (part.id === "contact-panel" && old.dataset.id !== part.dataset.id) return replace(old, part);
  morph(old, part);
}

/** Make `old` like `next` without losing focus, what is being typed, or which folds are open. */
export function morph(old, next) {
  keepTyped(old, next);
  $$("details", old).forEach((fold, index) => {
    const other = $$("details", next)[index];
    if (other) other.open = fold.open;
  });
  const [done] = Idiomorph.morph(old, next, { morphStyle: "outerHTML", ignoreActiveValue: true });
  if (done) htmx.process(done);
  return done ?? old;
}

function keepTyped(old, next) {
  for (const field of $$("textarea[id], input[id]", old)) {
    const other = field.value === field.defaultValue ? null : $(`#${CSS.escape(field.id)}`, next);
    if (!other) continue;
    if (other.tagName === "TEXTAREA") other.textContent = field.value;
    else other.value = field.value;
  }
}

function replace(old, next) {
  if (!old) return;
  old.replaceWith(next);
  htmx.process(next);
}

// The list ---------------------------------------------------------------------------------------------------------

function putList(next) {
  replace(byId("convlist"), next);
  emit("desk:list", { url: next.dataset.url });
}

function dropRow(id) {
  byId(`conv-${id}`)?.remove();
}

function putRow(row, paging) {
  const group = $(`#convlist-rows > [data-group="${CSS.escape(row.dataset.group)}"]`);
  const old = byId(row.id);
  if (!group) return old?.remove();
  if (!old) return isBeyondLoaded(row, group) && !paging ? undefined : insert(row, group);
  const element = morph(old, row);
  if (element.parentElement !== group || isMisplaced(element, ".conv")) insert(element, group);
}

/** Would this row come after the last one loaded, while more wait to be paged in? */
function isBeyondLoaded(row, group) {
  if (!$("a#list-more") || following(row, $$(".conv", group))) return false;
  return !$$(`[data-group="${CSS.escape(group.dataset.group)}"] ~ .convgroup .conv`, byId("convlist-rows")).length;
}

function insert(row, group) {
  const focused = row.contains(document.activeElement) ? document.activeElement : null;
  const isNew = !row.isConnected;
  group.insertBefore(row, following(row, $$(".conv", group)));
  if (isNew) htmx.process(row);
  focused?.focus({ preventScroll: true });
}

/** The first of `others`, in order, that sorts after `element`. */
function following(element, others) {
  return others.find((other) => other !== element && other.dataset.sort > element.dataset.sort) ?? null;
}

function isMisplaced(element, selector) {
  const before = element.previousElementSibling;
  const after = element.nextElementSibling;
  return (
    (before?.matches(selector) && before.dataset.sort > element.dataset.sort) ||
    (after?.matches(selector) && after.dataset.sort < element.dataset.sort)
  );
}

export function markCurrent() {
  const id = openId();
  for (const row of $$(".conv[aria-current]")) if (row.dataset.id !== id) row.removeAttribute("aria-current");
  if (id) byId(`conv-${id}`)?.setAttribute("aria-current", "true");
}

// The thread -------------------------------------------------------------------------------------------------------

function putThread(next) {
  const old = byId("thread");
  if (old.dataset.id === next.dataset.id && isOtherPlace(old, next)) {
    for (const part of [$("#thread-head", next), $("#thread-handover", next), $("#composer", next)]) applyPart(part, {});
    putLog(old, next);
    return undefined;
  }
  if (old.dataset.id === next.dataset.id) {
    for (const part of [$("#thread-head", next), $("#thread-handover", next), $("#composer", next)]) applyPart(part, {});
    return putItems([...$("#thread-log", next).children]);
  }
  emit("desk:leaving", { id: old.dataset.id ?? "" });
  replace(old, next);
  emit("desk:thread", { id: next.dataset.id ?? "", url: next.dataset.url ?? "" });
}

/** Whether one of them is not the newest of this conversation alone: then nothing of it fits the other. */
function isOtherPlace(old, next) {
  return [old, next].some((one) => one.dataset.target || one.dataset.all !== undefined || $("a#log-later", one));
}

/** Another part of the same log, in place of what was there. The box that scrolls stays, and with it who watches it. */
function putLog(old, next) {
  for (const name of ["target", "all"]) {
    if (next.dataset[name] === undefined) delete old.dataset[name];
    else old.dataset[name] = next.dataset[name];
  }
  $(".allchannels", old)?.remove();
  const strip = $(".allchannels", next);
  if (strip) $("#thread-scroll", old).before(strip);
  known = "";
  missed.clear();
  replace($("#thread-log", old), $("#thread-log", next));
  if (!old.dataset.target || !scroll.toMessage(old.dataset.target)) scroll.toBottom();
  emit("desk:log", { id: old.dataset.id });
}

/** Texts that came while newer ones than those on screen were not loaded. */
const missed = new Set();
let known = "";
document.addEventListener("desk:thread", () => ((known = ""), missed.clear()));

function isBeyond(log, item) {
  if (!scroll.isCutOff() || byId(item.id)) return false;
  const last = $$(":scope > [data-sort]:not(#log-later)", log).at(-1);
  return item.dataset.sort > (last?.dataset.sort ?? "");
}

function putItems(items) {
  const log = byId("thread-log");
  if (!log) return;
  const place = scroll.remember();
  const later = items.find((item) => item.id === "log-later");
  const isFirst = scroll.isCutOff() && !known; // What the first answer brings was there before: it is no news.
  if (isFirst) known = items.at(-1)?.dataset.sort ?? "";
  let added = 0;
  for (const item of items) {
    if (item.id === "log-earlier") replace(byId("log-earlier"), item);
    else if (item === later) putLater(item);
    else if (!later && isBeyond(log, item)) added += countMissed(item);
    else added += putItem(log, item, Boolean(later));
  }
  scroll.restore(place, added);
  emit("desk:items", { added });
}

function countMissed(item) {
  if (!item.matches(".msg, .notebox") || missed.has(item.id) || item.dataset.sort <= known) return 0;
  missed.add(item.id);
  return 1;
}

/** More to read on in, or the end of the log, which is now. */
function putLater(item) {
  const old = byId("log-later");
  if (item.matches("a")) return replace(old, item);
  old?.remove();
  return missed.clear();
}

/** 1 when the item is news at the end of the log, else 0. */
function putItem(log, item, isOld = false) {
  const old = byId(item.id) ?? ownCopy(log, item);
  if (old && old.id !== item.id) return (replace(old, item), insertItem(log, item), 0);
  if (old) {
    if (old.classList.contains("is-target")) scroll.keepTarget(item); // What a link leads to stays so, with its focus.
    const element = morph(old, item);
    if (isMisplaced(element, "[data-sort]")) insertItem(log, element);
    return 0;
  }
  const isLast = !log.lastElementChild || log.lastElementChild.dataset.sort <= item.dataset.sort;
  insertItem(log, item);
  if (isOld) return 0;
  if (isLast) item.classList.add("is-new");
  return isLast && item.matches(".msg, .notebox") ? 1 : 0;
}

/** The bubble the browser drew itself while this one was on its way. */
function ownCopy(log, item) {
  return item.dataset.key ? $(`.is-pending[data-key="${CSS.escape(item.dataset.key)}"]`, log) : null;
}

function insertItem(log, item) {
  let next = null;
  for (let other = log.lastElementChild; other; other = other.previousElementSibling) {
    if (other === item) continue;
    if (!(other.dataset.sort > item.dataset.sort)) break;
    next = other;
  }
  const isNew = !item.isConnected;
  if (item.nextElementSibling !== next || isNew) log.insertBefore(item, next);
  if (isNew) htmx.process(item);
}

/** The sort of the newest item that came from the server. */
export function newestSort() {
  const items = $$("#thread-log > [data-sort]:not(.is-pending, #log-later)");
  return items.at(-1)?.dataset.sort ?? "";
}
