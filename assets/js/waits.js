// Waits tick in the browser; the words are those of twoway/desk/words.py.

import { $, $$ } from "./dom.js";

export function spanWords(seconds) {
  if (seconds < 60) return "now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86400)}d`;
}

function tick() {
  for (const wait of $$(".wait[data-since]")) {
    const words = spanWords((Date.now() - Date.parse(wait.dataset.since)) / 1000);
    const said = wait.dataset.late === undefined ? words : `${words} late`;
    const text = $("[data-span]", wait);
    if (text.textContent !== said) text.textContent = said;
  }
}

export function start() {
  setInterval(() => document.hidden || tick(), 5000);
  document.addEventListener("visibilitychange", () => document.hidden || tick());
}
