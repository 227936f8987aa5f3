// Waits tick in the browser; the words are those of twoway/desk/words.py.

import { $, $$ } from "./dom.js";
import { t } from "./words.js";

export function spanWords(seconds) {
  if (seconds < 60) return t("now");
  if (seconds < 3600) return t("{n}m", { n: Math.floor(seconds / 60) });
  if (seconds < 86400) return t("{n}h", { n: Math.floor(seconds / 3600) });
  return t("{n}d", { n: Math.floor(seconds / 86400) });
}

/** The goal for an answer has just passed: from now on it is told how late we are. */
function passed(wait) {
  wait.dataset.since = wait.dataset.due;
  delete wait.dataset.due;
  delete wait.dataset.warn;
  wait.dataset.late = "";
  wait.classList.remove("wait--plain", "wait--soon");
  wait.classList.add("wait--over");
}

/** What a mark says: how much time is left, how late it is, or how long they wait. */
function said(wait) {
  const { since, due, late } = wait.dataset;
  const seconds = (due ? Date.parse(due) - Date.now() : Date.now() - Date.parse(since)) / 1000;
  const time = spanWords(seconds);
  if (due) return seconds < 60 ? t("Due now") : t("{time} left", { time });
  return late === undefined ? time : t("{time} late", { time });
}

function tick() {
  for (const wait of $$(".wait[data-since]")) {
    if (Date.parse(wait.dataset.due) < Date.now()) passed(wait);
    if (Date.parse(wait.dataset.warn) < Date.now()) {
      wait.classList.remove("wait--plain");
      wait.classList.add("wait--soon");
    }
    const words = said(wait);
    const text = $("[data-span]", wait);
    if (text.textContent !== words) text.textContent = words;
  }
}

export function start() {
  setInterval(() => document.hidden || tick(), 5000);
  document.addEventListener("visibilitychange", () => document.hidden || tick());
}
