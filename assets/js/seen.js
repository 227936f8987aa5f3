// What a reply has seen: the newest text that was on screen when it was begun, or when its writer said "read it".
// The server stops a reply when something newer is there; this only keeps the mark and lets a person move it.

import { $, $$, byId } from "./dom.js";

const form = () => byId("composer");
const field = () => $('input[name="seen"]', form() ?? document);

let begun = null;

/** The newest text of ours or theirs that the log shows. */
const newest = () => Math.max(0, ...$$("#thread-log > .msg[id^='msg-']").map((item) => Number(item.id.slice(4)) || 0));

/** The words in the box changed: with the first of them the mark is set, with the last it is gone. */
export function noticed(words) {
  const { id } = form().dataset;
  if (!words.trim()) {
    begun = null;
    byId("composer-news")?.remove();
  } else if (begun !== id) {
    begun = id;
    field().value = String(Math.max(newest(), Number(field().value) || 0));
  }
}

/** The form came with words that were begun before: its mark is the server's, or the one this device kept. */
export function restored(words, kept) {
  begun = words.trim() ? form().dataset.id : null;
  if (begun && kept !== undefined && kept !== null && kept !== "") field().value = String(kept);
}

/** Everything up to this text was read. */
export function move(to) {
  field().value = String(to);
  byId("composer-news")?.remove();
  delete form().dataset.version;
}

/** The mark of the reply that is being written, or "" when there is none. */
export const mark = () => (begun && form()?.dataset.id === begun ? field().value : "");
