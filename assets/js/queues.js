// Whether one is there, and the next one who waits: by key and from the palette what the menu and the button do.

import { $, byId, toast } from "./dom.js";
import { handle } from "./keys.js";

const state = () => byId("presence")?.dataset.state;

function choose(wanted) {
  if (state() && state() !== wanted) byId(`presence-${wanted}`)?.click();
}

/** Said in the corner too, when the menu it was said in is closed. */
function said(event) {
  if (event.detail.target?.id !== "presence") return;
  const missed = byId("presence-missed");
  const hadFocus = missed?.contains(document.activeElement);
  missed?.replaceChildren(); // Whoever just chose knows; what waits later is said by the next update.
  if (hadFocus) byId("convlist-rows")?.focus({ preventScroll: true });
  if (byId("me")?.matches(":popover-open")) return;
  const words = $('#presence [role="status"]')?.textContent;
  if (words) toast(words);
}

export function start() {
  handle("online", () => choose("online"));
  handle("away", () => choose("away"));
  handle("break", () => choose(state() === "break" ? "online" : "break"));
  handle("take_next", () => $("[data-take-next]")?.click());
  document.addEventListener("htmx:afterSwap", said);
}
