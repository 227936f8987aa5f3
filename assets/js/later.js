// Sending later: the picker takes the words, the files and the mark of the reply form with it.

import { $, byId, on } from "./dom.js";
import * as composer from "./composer.js";

let confirmed = "";

/** Open the picker beside the Send button; `meant` says that its writer was warned and means it. */
function open(meant) {
  confirmed = meant;
  $("[data-send-more]")?.click();
}

const isPicker = (event) => event.detail.elt instanceof HTMLFormElement && event.detail.elt.matches("[data-later-form]");

function take(event) {
  if (!isPicker(event)) return;
  const told = { ...composer.fields(), then: "later", confirmed };
  for (const [name, value] of Object.entries(told)) event.detail.parameters[name] = value;
}

function taken(event) {
  if (!isPicker(event)) return;
  confirmed = "";
  if (event.detail.successful) composer.emptied();
  else if (event.detail.xhr.getResponseHeader("HX-Reswap") === "patch") byId("popover").hidePopover();
}

export function start() {
  document.addEventListener("htmx:configRequest", take);
  document.addEventListener("htmx:afterRequest", taken);
  document.addEventListener("desk:later", (event) => open(event.detail.confirmed));
  on("click", "[data-send-done]", () => {
    byId("popover").hidePopover();
    composer.submit({ then: "done" });
  });
}
