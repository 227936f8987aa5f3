// Lines about a person that change where they stand: once saved, a form closes and forgets what was typed.

import { on } from "./dom.js";

/** Before the answer is put in, so that the fold doesn't stay open over it. */
function saved(event) {
  const form = event.detail.requestConfig?.elt;
  if (!(form instanceof HTMLFormElement) || !form.matches(".inline__form") || event.detail.xhr.status !== 200) return;
  form.reset();
  form.closest("details").open = false;
}

/** The time zones the browser knows, as suggestions: six hundred, which no page has to carry. */
function suggest(event, input) {
  const list = input.list;
  if (!list || list.childElementCount || !Intl.supportedValuesOf) return;
  list.append(...Intl.supportedValuesOf("timeZone").map((zone) => Object.assign(document.createElement("option"), { value: zone })));
}

export function start() {
  on("focusin", '[list="time-zones"]', suggest);
  document.addEventListener("htmx:beforeSwap", saved);
}
