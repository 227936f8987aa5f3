// The member's own keys: read once from the table in the page, shown in tooltips and wherever a key is drawn.

import { $, $$, byId, on } from "./dom.js";

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
const keys = new Map();

/** The command that this key means, or undefined. `first` is "g" after G was pressed. */
export const commandOf = (key) => keys.get(key);

const lines = () => $$("[data-command]", byId("shortcuts")?.content ?? document.createDocumentFragment());

const capsOf = (command) => $(`[data-command="${CSS.escape(command)}"] .keys`, byId("shortcuts")?.content ?? document);

/** How the key of a command is written in a sentence: "E", "⇧J", "G I"; "" when it is off. */
function words(command) {
  const caps = capsOf(command);
  return caps ? $$("kbd", caps).map((cap) => cap.textContent).join(" ") : "";
}

function show(root) {
  if (isMac) for (const cap of $$("[data-mod]", root)) cap.textContent = "⌘";
  for (const place of $$("[data-key-of]", root)) {
    const caps = capsOf(place.dataset.keyOf);
    if (!caps) place.replaceChildren();
    else if (caps.textContent !== place.textContent) place.replaceChildren(...caps.cloneNode(true).childNodes);
  }
}

/** A tooltip gets its key when somebody comes near it. */
function tip(event, element) {
  element.dataset.title ??= element.title;
  const key = document.documentElement.dataset.keys === "off" ? "" : words(element.dataset.tip);
  element.title = key ? `${element.dataset.title}  ${key}` : element.dataset.title;
}

export function start() {
  for (const line of lines()) if (line.dataset.keys) keys.set(line.dataset.keys, line.dataset.command);
  const shortcuts = byId("shortcuts")?.content;
  if (shortcuts && isMac) for (const cap of $$("[data-mod]", shortcuts)) cap.textContent = "⌘";
  show(document);
  document.addEventListener("htmx:load", (event) => show(event.detail.elt));
  on("pointerover", "[data-tip]", tip);
  on("focusin", "[data-tip]", tip);
}
