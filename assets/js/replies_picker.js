// The picker of saved replies: opens with / at the start of a word, or with its button; a combobox of its own or the
// composer's. What was loaded is looked through at once, and the server's answer takes its place.

import { $, $$, byId, fragmentOf, headers, isPhone, on, openId, toast, whole } from "./dom.js";
import * as composer from "./composer.js";
import * as files from "./files.js";
import { openDialog, loadDialog } from "./overlays.js";
import * as used from "./replies_used.js";
import { t, tn } from "./words.js";

const FRESH = 60_000;
const WAIT = 90;
const LONGEST = 40;
const area = () => byId("composer-text");
const form = () => byId("composer");
const box = () => byId("rpick");
const loaded = new Map();
let at = null;
let dismissed = -1;
let tab = "number";
let timer = 0;
let asked = 0;
let moved = false;

export const isOpen = () => Boolean(box());
const options = () => $$('#rpick-list [role="option"]', box() ?? undefined);
const shown = () => options().filter((option) => !option.hidden);
const chosen = () => shown().find((option) => option.getAttribute("aria-selected") === "true");
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/\s+/g, " ").trim();
const mayWrite = () => form() && form().dataset.blocked === undefined && form().dataset.note === undefined;

/** Where a / at the start of a word begins before the cursor, with what was typed after it; null when there is none. */
function slash() {
  const field = area();
  if (!field || field.selectionStart !== field.selectionEnd) return null;
  const before = field.value.slice(0, field.selectionEnd);
  const found = /(^|\s)\/([^\n/]*)$/.exec(before);
  if (!found || found[2].length > LONGEST) return null;
  return { from: before.length - found[2].length - 1, to: before.length, q: found[2] };
}

// Loading ------------------------------------------------------------------------------------------------------------

async function load(id, query) {
  const answer = await whole(fetch(`/c/${id}/replies/${query}`, { headers: headers(), redirect: "manual" }));
  return answer?.ok ? answer.body : "";
}

/** The most used ones, asked for when somebody begins to write, so that / opens at once. */
function preload() {
  const id = openId();
  const known = loaded.get(id);
  if (!id || !mayWrite() || (known && Date.now() - known.since < FRESH)) return known?.html;
  const html = load(id, "");
  loaded.clear();
  loaded.set(id, { html, since: Date.now() });
  return html;
}

async function open(where, { focus = false } = {}) {
  if (!mayWrite()) return;
  at = where;
  const id = openId();
  const html = await preload();
  if (!html) {
    loaded.delete(id);
    return focus ? toast(t("The saved replies didn't load. Try again.")) : undefined;
  }
  if (openId() !== id || !at || !mayWrite()) return;
  if (!isOpen()) {
    byId("thread").append(fragmentOf(html));
    tab = "number";
    place();
    describe();
  }
  if (focus || isPhone()) {
    byId("rpick-q").value = at.q;
    byId("rpick-q").focus();
  }
  search(at.q, { at: "once" });
}

function place() {
  const from = byId("thread").getBoundingClientRect();
  const top = $(".composer__box", form()).getBoundingClientRect().top;
  box().style.setProperty("--rpick-bottom", `${Math.round(from.bottom - top + 8)}px`);
}

/** The composer says what its arrow keys move in; its own role has no list, so these three carry it. */
function describe() {
  const field = area();
  field.setAttribute("aria-controls", "rpick-list");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-haspopup", "listbox");
}

export function close({ back = false } = {}) {
  clearTimeout(timer);
  asked += 1;
  box()?.remove();
  const field = area();
  for (const name of ["aria-controls", "aria-autocomplete", "aria-haspopup", "aria-activedescendant"]) field?.removeAttribute(name);
  if (back && field) {
    field.focus();
    if (at) field.setSelectionRange(at.to, at.to);
  }
  at = null;
}

// Finding ------------------------------------------------------------------------------------------------------------

function search(q, { at: when = "soon" } = {}) {
  const input = byId("rpick-q");
  if (input !== document.activeElement) input.value = q;
  moved = false;
  filter(q);
  clearTimeout(timer);
  if (!q && when === "once" && tab === "number") return;
  const mine = ++asked;
  const id = openId();
  timer = setTimeout(async () => {
    const html = await load(id, `?tab=${tab}&q=${encodeURIComponent(q)}`);
    if (mine !== asked || !isOpen() || openId() !== id || !html) return;
    const before = chosen()?.dataset.id;
    byId("rpick-results").replaceWith(fragmentOf(html));
    select((moved && options().find((option) => option.dataset.id === before)) || options()[0]);
    say();
  }, WAIT);
}

/** Among those that are here: the words typed must all be in one; its name shows where. */
function filter(q) {
  const words = plain(q).split(" ").filter(Boolean);
  for (const option of options()) {
    option.hidden = !words.every((word) => option.dataset.searched.includes(word));
    if (!option.hidden) mark($("[data-name]", option), q);
  }
  byId("rpick-none").hidden = shown().length > 0;
  select(shown()[0]);
}

function mark(name, q) {
  const text = name.textContent;
  const from = q.trim() ? text.toLowerCase().indexOf(q.trim().toLowerCase()) : -1;
  if (from < 0) return name.replaceChildren(text);
  const found = document.createElement("mark");
  found.textContent = text.slice(from, from + q.trim().length);
  return name.replaceChildren(text.slice(0, from), found, text.slice(from + q.trim().length));
}

function select(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  for (const see of $$("#rpick-results .rpick__see > section")) see.hidden = see.id !== `rpick-p-${option?.dataset.id}`;
  option?.scrollIntoView({ block: "nearest" });
  for (const field of [area(), byId("rpick-q")]) {
    if (option) field?.setAttribute("aria-activedescendant", option.id);
    else field?.removeAttribute("aria-activedescendant");
  }
}

function say() {
  const count = shown().length;
  byId("rpick-said").textContent = count ? tn("{n} saved reply", "{n} saved replies", count) : t("No match");
}

function move(step) {
  const list = shown();
  const now = list.indexOf(chosen());
  moved = true;
  select(list[(now + step + list.length) % list.length]);
}

// Using --------------------------------------------------------------------------------------------------------------

/** Put one into the composer where / was typed, or at the cursor; then to its first blank, or off it goes. */
async function insert(option, { send = false } = {}) {
  if (!option || !at) return;
  const { id, text, blanks, wording, files: count } = option.dataset;
  await put({ id, text, wording, blanks: blanks ? blanks.split(",") : [], files: Number(count) }, { ...at, send });
}

/** The same for a reply from elsewhere: { id, text, wording, blanks, files }. */
export async function put({ id, text, wording, blanks, files: count }, { from, to, send = false } = {}) {
  const field = area();
  const start = from ?? field.selectionStart;
  close();
  field.focus();
  field.setSelectionRange(start, to ?? field.selectionEnd);
  composer.insertAtCursor(text);
  used.add(openId(), `${id}:${wording}`, blanks);
  if (count) await attach(id);
  if (blanks.length) {
    field.setSelectionRange(start, start);
    nextBlank();
    if (send) toast(t("Fill in the {blank} first. Tab goes to the next blank.", { blank: blanks[0] }));
  } else if (send) form().requestSubmit();
}

async function attach(id) {
  const answer = await whole(fetch(`${form().dataset.url}replies/${id}/files/`, { method: "POST", headers: headers(), redirect: "manual" }));
  if (!answer?.ok) toast(t("Its pictures couldn't be added. Add them yourself, or try again."));
  await files.refresh();
}

/** Select the next {blank} that a reply brought; false when none is left. */
function nextBlank() {
  const field = area();
  const names = used.blanks(openId());
  const places = names.flatMap((name) => [...field.value.matchAll(new RegExp(`\\{${name.replace(/[.\\]/g, "\\$&")}\\}`, "g"))]);
  if (!places.length) return false;
  places.sort((one, other) => one.index - other.index);
  const next = places.find((place) => place.index >= field.selectionEnd) ?? places[0];
  field.setSelectionRange(next.index, next.index + next[0].length);
  return true;
}

// Keys and clicks ----------------------------------------------------------------------------------------------------

function onKey(event) {
  if (event.isComposing || !(event.target instanceof Element)) return;
  const inText = event.target.id === "composer-text";
  if (!inText && event.target.id !== "rpick-q") return;
  const handled = isOpen() ? pressed(event, inText) : inText && event.key === "Tab" && plainKey(event) && nextBlank();
  if (!handled) return;
  event.preventDefault();
  event.stopPropagation();
}

const plainKey = (event) => !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey;

function pressed(event, inText) {
  if (event.key === "Escape") return dismiss();
  if (event.key === "ArrowDown" || event.key === "ArrowUp") return move(event.key === "ArrowDown" ? 1 : -1), true;
  if (event.key === "Enter" && !event.shiftKey && chosen()) return insert(chosen(), { send: event.metaKey || event.ctrlKey }), true;
  if (event.key === "Tab" && inText && plainKey(event) && chosen()) return insert(chosen()), true;
  return false;
}

/** Closed by hand: the same / does not open it again. */
function dismiss() {
  dismissed = at?.from ?? -1;
  close({ back: true });
  return true;
}

function typed() {
  if (!mayWrite()) return isOpen() && close();
  const found = slash();
  if (!found) {
    dismissed = -1;
    return isOpen() && close();
  }
  if (found.from === dismissed) return undefined;
  if (!isOpen()) return open(found);
  at = found;
  search(found.q);
  if (!shown().length && found.q.includes(" ")) dismiss();
  return undefined;
}

function fromButton() {
  if (isOpen()) return close({ back: true });
  const field = area();
  const end = document.activeElement === field || field.selectionEnd ? field.selectionEnd : field.value.length;
  return open({ from: end, to: end, q: "" }, { focus: true });
}

function chooseTab(button) {
  tab = button.dataset.rpickTab;
  for (const other of $$("[data-rpick-tab]", box())) other.setAttribute("aria-pressed", String(other === button));
  search(byId("rpick-q").value);
}

async function saveDraft() {
  const [draft, url] = [withoutQuery(), `${form().dataset.url}replies/save/`];
  close();
  await loadDialog(url);
  const field = byId("save-body");
  const first = $("[data-save-draft]")?.dataset.firstName;
  if (field && !field.value) field.value = first ? draft.replace(new RegExp(`(?<![\\p{L}\\p{N}])${first.replace(/[^\p{L}\p{N}]/gu, "\\$&")}(?![\\p{L}\\p{N}])`, "gu"), "{first_name|there}") : draft;
}

/** The draft without the / and what was typed after it. */
function withoutQuery() {
  const { value } = area();
  return (at && at.to > at.from ? value.slice(0, at.from) + value.slice(at.to) : value).trim();
}

// Numbered choices ---------------------------------------------------------------------------------------------------

const choices = () => byId("choices-text").value.split("\n").map((line) => line.replace(/[,;.?!]+/g, " ").replace(/\s+/g, " ").trim()).filter(Boolean).slice(0, 9);
const choicesText = (list) => `Reply ${list.map((words, number) => `${number + 1} for ${words}`).join(", ")}.`;
let returnTo = null;

function offerChoices() {
  const template = byId("rpick-choices").content.cloneNode(true);
  returnTo = at;
  close();
  openDialog(template);
}

function insertChoices(event, sheet) {
  event.preventDefault();
  const list = choices();
  if (list.length < 2) return (byId("choices-seen").textContent = t("Write at least two choices."));
  sheet.closest("dialog").close();
  area().focus();
  if (returnTo) area().setSelectionRange(returnTo.from, returnTo.to);
  return composer.insertAtCursor(choicesText(list));
}

export function start() {
  document.addEventListener("keydown", onKey, true);
  on("focusin", "#composer-text", preload);
  on("input", "#composer-text", typed);
  on("input", "#rpick-q", (event, input) => search(input.value));
  on("click", "[data-replies]", fromButton);
  on("click", "#rpick-list [role=option]", (event, option) => insert(option));
  on("mouseover", "#rpick-list [role=option]", (event, option) => !isPhone() && select(option));
  on("mousedown", "#rpick-list [role=option]", (event) => event.preventDefault());
  on("click", "[data-rpick-insert]", (event, button) => insert(byId(`rpick-o-${button.dataset.rpickInsert}`)));
  on("click", "[data-rpick-link]", (event, button) => put({ id: chosen().dataset.id, text: button.dataset.rpickLink, wording: "a", blanks: [], files: 0 }, at));
  on("click", "[data-rpick-tab]", (event, button) => chooseTab(button));
  on("click", "[data-rpick-close]", dismiss);
  on("click", "[data-rpick-save]", saveDraft);
  on("click", "[data-rpick-choices]", offerChoices);
  on("input", "#choices-text", () => (byId("choices-seen").textContent = choices().length > 1 ? choicesText(choices()) : ""));
  on("submit", "[data-choices]", insertChoices);
  document.addEventListener("pointerdown", (event) => isOpen() && !event.target.closest?.("#rpick, #composer, #dialog") && close());
  document.addEventListener("keydown", (event) => event.key === "Escape" && isOpen() && dismiss());
  document.addEventListener("desk:thread", () => (close(), (dismissed = -1)));
  document.addEventListener("desk:leaving", () => close());
}
