// The reply form: note or text, draft, meter, sending.

import { $, byId, freshKey, on, openId } from "./dom.js";
import * as drafts from "./drafts.js";
import * as meter from "./meter.js";
import * as outbox from "./outbox.js";

const form = () => byId("composer");
const area = () => byId("composer-text");
const isNote = () => form()?.dataset.note !== undefined;

function changed() {
  const { id, url } = form().dataset;
  drafts.changed({ id, url, body: area().value, isNote: isNote() });
  meter.show(form(), area().value);
}

/** Switch between a text to the customer and a note to the team. */
export function setNote(note) {
  const box = form();
  if (!box || box.dataset.blocked !== undefined) return;
  if (note) box.dataset.note = "";
  else delete box.dataset.note;
  $(".composer__box", box).classList.toggle("composer__box--note", note);
  $("[data-note-toggle]", box).setAttribute("aria-pressed", String(note));
  area().placeholder = note ? area().dataset.noteHint : area().dataset.textHint;
  meter.show(box, area().value);
}

export function toggleNote() {
  setNote(!isNote());
  focus();
}

export const focus = () => area()?.focus();

function fill(body, key = freshKey()) {
  area().value = body;
  $('[name="key"]', form()).value = key;
  focus();
  area().setSelectionRange(body.length, body.length);
  changed();
}

function submit(then = "") {
  const box = form();
  const body = area().value.trim();
  if (!body) return focus();
  if (box.dataset.blocked !== undefined && !isNote()) return;
  const { id, url } = box.dataset;
  const key = $('[name="key"]', box);
  const name = $("label", box).textContent.replace("Message to ", "");
  drafts.drop(id);
  drafts.keep(id, body, isNote());
  outbox.send({ id, url, body, key: key.value, then: isNote() ? "" : then, isNote: isNote(), name });
  key.value = freshKey();
  area().value = "";
  $('[role="alert"]', box)?.remove();
  meter.show(box, "");
  focus();
}

/** A new form is on the page: give back what only this device kept, and count it. */
function mounted() {
  if (!form()) return;
  const mine = drafts.kept(openId());
  if (mine?.body && mine.body !== area().value && !area().value) {
    area().value = mine.body;
    if (mine.isNote) setNote(true);
  }
  meter.show(form(), area().value);
}

function onKey(event) {
  if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey) || event.isComposing) return;
  event.preventDefault();
  submit(event.shiftKey ? "done" : "");
}

export function start() {
  on("input", "#composer-text", changed);
  on("keydown", "#composer-text", onKey);
  on("submit", "#composer", (event) => {
    event.preventDefault();
    submit();
  });
  on("click", "[data-note-toggle]", toggleNote);
  on("click", "[data-suggestion]", (event, button) => fill(button.dataset.suggestion, $('[name="key"]', form()).value));
  on("click", "[data-reuse]", (event, button) => fill($(".bubble", button.closest(".msg")).textContent));
  document.addEventListener("desk:reuse", (event) => fill(event.detail.body, event.detail.key));
  document.addEventListener("desk:thread", mounted);
  document.addEventListener("desk:composer", mounted);
  drafts.start();
  outbox.start();
  mounted();
}
