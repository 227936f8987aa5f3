// The list of calls to be made follows what happens; not under the hands of somebody who is writing in it.

import { $, byId } from "./dom.js";
import { morph } from "./patch.js";

let held = null;

const isBusy = () => Boolean($("#callbacks details[open]") ?? $("#callbacks :is(select, input):focus"));

function put(part) {
  held = part;
  if (!byId("callbacks") || isBusy()) return;
  held = null;
  morph(byId("callbacks"), part);
}

const later = () => held && setTimeout(() => held && put(held));

export function start() {
  document.addEventListener("desk:callbacks", (event) => put(event.detail));
  document.addEventListener("focusout", later);
  document.addEventListener("toggle", later, { capture: true });
}
