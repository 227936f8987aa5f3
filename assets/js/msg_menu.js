// What can be done with one text: by its button, by the keyboard, or by a long press on a touch screen.


import { $, $$, byId, on, whole } from "./dom.js";
import * as composer from "./composer.js";
import * as overlays from "./overlays.js";
import { copy } from "./places.js";
import { t } from "./words.js";

const HOLD = 500;
let current = null;

const buttons = () => $$("#thread-log [data-msg-menu]");

/** One stop of the Tab key for the whole log: the newest text; arrows go on from there. */
function oneStop() {
  const all = buttons();
  if (!all.length || all.some((button) => button.tabIndex === 0 && button === document.activeElement)) return;
  for (const button of all) button.tabIndex = -1;
  all.at(-1).tabIndex = 0;
}

function show(button) {
  const template = byId("msg-menu");
  if (!template) return;
  current = button.closest(".msg");
  overlays.showMenu(template.content.cloneNode(true), button);
}

/** The words as they were written, without what is told beside a link. */
function words() {
  const bubble = $(".bubble", current)?.cloneNode(true);
  for (const told of $$(".linkhost", bubble ?? document.createElement("p"))) told.remove();
  return bubble?.textContent.trimEnd() ?? "";
}

const deeds = {
  copy: () => copy(words(), t("The text is copied.")),
  link: () => copy(`${location.origin}${url()}?m=${current.dataset.msg}`, t("The link is copied.")),
  quote: quote,
  keep: () => overlays.loadDialog(`${url()}replies/save/`)?.then?.(() => fill(words())),
  details: () => overlays.loadMenu(`${url()}details/${current.dataset.msg}/`, $("[data-msg-menu]", current)),
};

/** The conversation of this text: one of another channel is read here only. */
const url = () => $(".msg__where", current)?.getAttribute("href") ?? byId("thread").dataset.url;

function quote() {
  composer.setNote(true);
  const who = $(".vh", current)?.textContent.replace(/:$/, "") ?? "";
  const body = byId("composer-text").value;
  const lines = words().trim().split("\n").map((line) => `> ${line}`).join("\n");
  composer.insertAtCursor(`${body && !body.endsWith("\n") ? "\n" : ""}${who}:\n${lines}\n`);
}

function fill(body) {
  const field = $('#dialog textarea[name="body"]');
  if (!field || field.value) return;
  field.value = body;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function onKey(event) {
  const button = event.target.closest?.("[data-msg-menu]");
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!button || !step) return;
  event.preventDefault();
  const all = buttons();
  const next = all[Math.min(Math.max(all.indexOf(button) + step, 0), all.length - 1)];
  button.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

let held = 0;
function press(event) {
  const bubble = event.pointerType === "touch" && event.target.closest?.("#thread-log .msg .bubble");
  clearTimeout(held);
  if (bubble) held = setTimeout(() => show($("[data-msg-menu]", bubble.closest(".msg"))), HOLD);
}
const release = () => clearTimeout(held);

/** Words the server has, put where the cursor is. */
async function putFrom(event, button) {
  const answer = await whole(fetch(button.dataset.putFrom, { redirect: "manual" }));
  if (!answer?.ok) return;
  composer.setNote(false);
  composer.insertAtCursor(answer.body);
}

async function copyTranscript(event, button) {
  const answer = await whole(fetch(button.dataset.transcriptCopy, { method: "POST", body: new FormData(button.form), redirect: "manual" }));
  // Where it takes two people it was asked for: the page says so when it is loaded anew.
  if (answer?.type === "opaqueredirect") return location.reload();
  if (answer?.ok) copy(answer.body, t("The transcript is copied."));
  else copy("", t("That part couldn't be copied. Look at the days."));
}

export function start() {
  on("click", "[data-msg-menu]", (event, button) => show(button));
  on("click", "[data-msg-do]", (event, item) => {
    byId("popover").hidePopover();
    deeds[item.dataset.msgDo]();
  });
  on("click", "[data-shuts]", () => byId("popover").hidePopover());
  on("click", "[data-put-from]", putFrom);
  on("click", "[data-transcript-copy]", copyTranscript);
  document.addEventListener("keydown", onKey);
  document.addEventListener("pointerdown", press);
  for (const type of ["pointerup", "pointercancel", "pointermove", "scroll"]) document.addEventListener(type, release, { passive: true, capture: true });
  for (const type of ["desk:thread", "desk:items", "desk:log"]) document.addEventListener(type, oneStop);
  oneStop();
}
