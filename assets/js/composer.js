// The reply form: note or text, draft, meter, sending.

import { $, $$, byId, emit, freshKey, on, openId, toastUndo } from "./dom.js";
import * as drafts from "./drafts.js";
import * as files from "./files.js";
import * as meter from "./meter.js";
import * as outbox from "./outbox.js";
import * as plain from "./plain.js";
import * as used from "./replies_used.js";
import * as seen from "./seen.js";
import { t } from "./words.js";

const form = () => byId("composer");
const area = () => byId("composer-text");
const isNote = () => form()?.dataset.note !== undefined;

/** Whether the words in the box, or the next ones, are meant for the team: a new form from the server keeps to it. */
let meantAsNote = false;

function changed() {
  const { id, url, blocked } = form().dataset;
  meantAsNote = isNote() && (blocked === undefined || area().value !== "");
  seen.noticed(area().value);
  drafts.changed({ id, url, body: area().value, isNote: isNote(), seen: seen.mark() });
  meter.show(form(), area().value);
}

/** Switch between a text to the customer and a note to the team. */
export function setNote(note) {
  const box = form();
  if (!box || box.dataset.blocked !== undefined) return;
  if (note) box.dataset.note = "";
  else delete box.dataset.note;
  $(".composer__box", box).classList.toggle("composer__box--note", note);
  meantAsNote = note;
  $("[data-note-toggle]", box).setAttribute("aria-pressed", String(note));
  area().placeholder = note ? area().dataset.noteHint : area().dataset.textHint;
  meter.show(box, area().value);
}

export function toggleNote() {
  setNote(!isNote());
  focus();
}

/** Into the box; behind the words of a draft that nobody has been in yet. */
export function focus() {
  const box = area();
  if (!box) return;
  box.focus();
  if (box.selectionEnd === 0) box.setSelectionRange(box.value.length, box.value.length);
}

/**
 * Put words where the cursor is, in place of what is selected, as if they had been typed: undo takes them out again,
 * and the draft, the meter and whoever else listens hear `input`. Where the box was never entered they go to its end.
 */
export function insertAtCursor(text) {
  const box = area();
  if (!box) return;
  if (box.dataset.entered === undefined) focus();
  else box.focus();
  const typed = document.execCommand("insertText", false, text);
  if (typed) return;
  box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
  box.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText", data: text }));
}

function fill(body, key = freshKey()) {
  area().value = body;
  $('[name="key"]', form()).value = key;
  focus();
  area().setSelectionRange(body.length, body.length);
  changed();
}

/** What is to be sent, as the server's forms name it. */
export function fields() {
  const box = form();
  return { body: area().value.trim(), files: files.ids(), key: $('[name="key"]', box).value, seen: $('input[name="seen"]', box).value };
}

/** The words are on their way: the form is for the next ones. */
export function emptied() {
  const box = form();
  drafts.drop(box.dataset.id);
  drafts.forget(box.dataset.id);
  files.clear();
  $('[name="key"]', box).value = freshKey();
  area().value = "";
  for (const told of $$('[role="alert"], #composer-news', box)) told.remove();
  seen.noticed("");
  meter.show(box, "");
  focus();
}

export function submit({ then = "", confirmed = "" } = {}) {
  const box = form();
  const body = area().value.trim();
  const attached = isNote() ? "" : files.ids();
  if ((!body && !attached) || (files.isBusy() && !isNote())) return focus();
  if (box.dataset.blocked !== undefined && !isNote()) return;
  const { id, url } = box.dataset;
  const key = $('[name="key"]', box);
  const name = $("#thread-head h2")?.textContent.trim() ?? "";
  drafts.drop(id);
  const mark = $('input[name="seen"]', box).value;
  drafts.keep(id, body, isNote(), key.value, mark);
  outbox.send({
    id, url, body, key: key.value, then: isNote() ? "" : then, isNote: isNote(), name, files: attached, confirmed, seen: isNote() ? "" : mark,
    replies: isNote() ? "" : used.take(id),
  });
  if (attached) files.clear();
  key.value = freshKey();
  area().value = "";
  meantAsNote &&= box.dataset.blocked === undefined;
  for (const told of $$('[role="alert"], #composer-news', box)) told.remove();
  seen.noticed("");
  meter.show(box, "");
  focus();
}

/** A conversation was opened: give back what only this device kept, and count it. */
function mounted() {
  if (!form()) return;
  meantAsNote = isNote() && form().dataset.blocked === undefined;
  seen.restored(area().value);
  const mine = outbox.isUnderway(openId()) ? null : drafts.kept(openId());
  if (mine?.key && byId("thread-log") && $(`[data-key="${CSS.escape(mine.key)}"]`, byId("thread-log"))) drafts.forget(openId());
  else if (mine?.body && mine.body !== area().value) {
    area().value = mine.body;
    setNote(mine.isNote);
    seen.restored(mine.body, mine.seen);
    changed();
  }
  meter.show(form(), area().value);
}

/** The form was replaced while the conversation is open: what was begun as a note stays one. */
function replaced() {
  if (!form()) return;
  setNote(meantAsNote);
  seen.restored(area().value);
  meter.show(form(), area().value);
}

/** What this member wrote on another device; not while a text of theirs is on its way from here. */
function elsewhere({ id, body, isNote: note, seen: mark }) {
  if (outbox.isUnderway(id) || form()?.dataset.id !== id) return;
  area().value = body;
  setNote(note);
  seen.restored(body, mark);
  meter.show(form(), body);
}

function onKey(event) {
  if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey) || event.isComposing) return;
  event.preventDefault();
  submit({ then: event.shiftKey ? "done" : "" });
}

/** Offered words in place of these; what was written comes back by the browser's own undo, and by a button. */
function instead(offered, said) {
  const [before, after] = [area().value, byId(offered).textContent];
  area().select();
  insertAtCursor(after);
  toastUndo(said, () => area().value === after && fill(before, $('[name="key"]', form()).value));
}

/** A text that was not sent, back in the box with its files. */
function reuse(event, button) {
  const message = button.closest(".msg");
  fill(button.dataset.body);
  if ($("[data-file]", message)) files.useAgain(message.id.replace("msg-", ""));
}

export function start() {
  files.start(() => form() && meter.show(form(), area().value));
  on("input", "#composer-text", changed);
  on("focusin", "#composer-text", (event, box) => (box.dataset.entered = ""));
  on("keydown", "#composer-text", onKey);
  on("submit", "#composer", (event) => {
    event.preventDefault();
    const pressed = event.submitter;
    const then = pressed?.dataset.then ?? "";
    const confirmed = pressed?.matches("[data-confirm]") ? "1" : "";
    if (pressed?.matches("[data-news-send]")) seen.move(pressed.value);
    if (then === "later") emit("desk:later", { confirmed });
    else submit({ then, confirmed });
  });
  on("click", "[data-news-edit]", (event, button) => {
    seen.move(button.value);
    changed();
    focus();
  });
  on("click", "[data-note-toggle]", toggleNote);
  plain.start((words) => fill(words, $('[name="key"]', form()).value));
  on("click", "[data-shorter]", () => instead("shorter-text", t("Shorter words used.")));
  on("click", "[data-link-last]", () => instead("link-last-text", t("The link is last.")));
  on("click", "[data-reuse]", reuse);
  document.addEventListener("desk:reuse", (event) => {
    fill(event.detail.body, event.detail.key);
    used.giveBack(openId(), event.detail.replies);
    if (event.detail.files) files.refresh();
  });
  document.addEventListener("desk:draft", (event) => elsewhere(event.detail));
  document.addEventListener("desk:thread", mounted);
  document.addEventListener("desk:composer", replaced);
  drafts.start();
  outbox.start();
  mounted();
}
