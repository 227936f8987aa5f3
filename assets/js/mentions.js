// Names behind an @: a list of who a note can name. In a text to the customer the same list offers to write a note
// instead, and a text that names a colleague doesn't leave before its writer has said which of the two it is.

import { $, $$, byId, fragmentOf, headers, on, openId, whole } from "./dom.js";
import * as composer from "./composer.js";
import { tn } from "./words.js";

const LONGEST = 40;
const area = () => byId("composer-text");
const form = () => byId("composer");
const box = () => byId("mpick");
const isNote = () => form()?.dataset.note !== undefined;
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const isWord = (text) => /[\p{L}\p{N}]/u.test(text);
let known = { id: "", html: null };
let at = null;
let settled = null;
let isText = false;

const options = () => $$('#mpick-list [role="option"]', box() ?? undefined);
const shown = () => options().filter((option) => !option.hidden);
const chosen = () => shown().find((option) => option.getAttribute("aria-selected") === "true");

async function load() {
  const id = openId();
  if (known.id === id && known.html) return known.html;
  const answer = await whole(fetch(`/c/${id}/mentions/`, { headers: headers(), redirect: "manual" }));
  if (!answer?.ok) return "";
  known = { id, html: answer.body };
  return known.html;
}

/** Where an @ at the start of a word stands before the cursor, with what was typed after it. */
function sign() {
  const field = area();
  if (!field || field.selectionStart !== field.selectionEnd) return null;
  const before = field.value.slice(0, field.selectionEnd);
  const from = before.lastIndexOf("@");
  const q = before.slice(from + 1);
  if (from < 0 || q.length > LONGEST || q.includes("\n") || q.startsWith(" ")) return null;
  return from && isWord(before[from - 1]) ? null : { from, to: before.length, q };
}

async function typed() {
  if (area().value.trim().length < 2) [settled, isText] = [null, false];
  const found = sign();
  if (!found || (settled?.from === found.from && found.q.startsWith(settled.q)) || (isText && !isNote())) return close();
  at = found;
  const id = openId();
  const html = await load();
  if (!html || openId() !== id || !at || !form()) return undefined;
  if (!box()) open(html);
  return filter();
}

function open(html) {
  byId("thread").append(fragmentOf(html));
  const from = byId("thread").getBoundingClientRect();
  const top = $(".composer__box", form()).getBoundingClientRect().top;
  box().style.setProperty("--mpick-bottom", `${Math.round(from.bottom - top + 8)}px`);
  $("[data-mpick-ask]", box()).hidden = isNote();
  const field = area();
  field.setAttribute("aria-controls", "mpick-list");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-haspopup", "listbox");
}

function filter() {
  const q = plain(at.q);
  for (const option of options()) {
    const words = plain(option.dataset.called).split("|");
    option.hidden = !words.some((word) => word.startsWith(q) || (q && word.includes(` ${q}`)));
  }
  const fits = shown();
  if (!fits.length) return close();
  $("[data-mpick-ask]", box()).hidden = isNote();
  byId("mpick-said").textContent = isNote()
    ? tn("{n} name", "{n} names", fits.length)
    : tn("Write a private note? {n} name", "Write a private note? {n} names", fits.length);
  return select(fits.find((option) => !option.ariaDisabled) ?? fits[0]);
}

function select(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  option.scrollIntoView({ block: "nearest" });
  area().setAttribute("aria-activedescendant", option.id);
}

function move(step) {
  const list = shown();
  select(list[(list.indexOf(chosen()) + step + list.length) % list.length]);
}

function close() {
  box()?.remove();
  at = null;
  for (const name of ["aria-controls", "aria-autocomplete", "aria-haspopup", "aria-activedescendant"]) {
    if (area()?.getAttribute("aria-controls")?.startsWith("rpick")) break;
    area()?.removeAttribute(name);
  }
}

/** Write the name where the @ stands; a text becomes a note with it. Someone who can't be told stays unchosen. */
function choose(option) {
  if (!option || !at) return;
  if (option.ariaDisabled === "true") {
    byId("mpick-said").textContent = `${$(".trunc", option).textContent}: ${$(".end", option).textContent}`;
    return;
  }
  const { from, to } = at;
  const words = `@${option.dataset.handle}`;
  close();
  composer.setNote(true);
  settled = { from, q: option.dataset.handle };
  area().focus();
  area().setSelectionRange(from, to);
  composer.insertAtCursor(`${words}${area().value[to] === " " ? "" : " "}`);
}

/** Closed by hand: in a text, its @ signs are meant for the customer from now on. */
function dismiss() {
  if (isNote()) settled = { from: at.from, q: at.q };
  else isText = true;
  close();
}

function onKey(event) {
  if (event.target !== area() || event.isComposing) return;
  const isSend = event.key === "Enter" && (event.metaKey || event.ctrlKey);
  if (isSend && asksFirst()) return stop(event);
  if (!box()) return;
  if (event.key === "Escape") dismiss();
  else if (event.key === "ArrowDown" || event.key === "ArrowUp") move(event.key === "ArrowDown" ? 1 : -1);
  else if ((event.key === "Enter" && !isSend && !event.shiftKey) || (event.key === "Tab" && !event.shiftKey)) choose(chosen());
  else return;
  stop(event);
}

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** A text that names a colleague stays here until its writer says that it is one: then the cursor is at the name. */
function asksFirst() {
  if (isNote() || isText || form().dataset.blocked !== undefined || known.id !== openId() || !known.html) return false;
  const names = $$("[data-handle]", fragmentOf(known.html)).flatMap((option) => option.dataset.called.split("|")).map(plain);
  const text = plain(area().value);
  for (let from = text.indexOf("@"); from >= 0; from = text.indexOf("@", from + 1)) {
    if (from && isWord(text[from - 1])) continue;
    const name = names.find((one) => text.startsWith(one, from + 1) && !isWord(text[from + 1 + one.length] ?? ""));
    if (!name) continue;
    area().focus();
    area().setSelectionRange(from + 1 + name.length, from + 1 + name.length);
    settled = null;
    typed();
    return true;
  }
  return false;
}

export function start() {
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("submit", (event) => event.target === form() && !isNote() && asksFirst() && stop(event), true);
  on("input", "#composer-text", typed);
  on("click", "#composer-text", () => box() && typed());
  on("click", '#mpick-list [role="option"]', (event, option) => choose(option));
  on("mousedown", "#mpick", (event) => event.preventDefault());
  on("mouseover", '#mpick-list [role="option"]', (event, option) => select(option));
  document.addEventListener("focusout", (event) => event.target === area() && close());
  document.addEventListener("desk:leaving", close);
  document.addEventListener("desk:thread", () => ([settled, isText] = [null, false]));
}
