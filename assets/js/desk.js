// The desk's script: what the server renders works without it; this makes it live and quick.

import htmx from "htmx.org/dist/htmx.esm.js";

import * as bell from "./bell.js";
import * as callbacks from "./callbacks.js";
import * as composer from "./composer.js";
import * as contacts from "./contacts.js";
import { $$, headers, screen, showToast, toast } from "./dom.js";
import * as effort from "./effort.js";
import * as folds from "./folds.js";
import * as emoji from "./emoji.js";
import * as guess from "./guess.js";
import * as keys from "./keys.js";
import * as later from "./later.js";
import * as live from "./live.js";
import * as mentions from "./mentions.js";
import * as msgMenu from "./msg_menu.js";
import * as nav from "./nav.js";
import * as offline from "./offline.js";
import * as overlays from "./overlays.js";
import * as ahead from "./ahead.js";
import * as palette from "./palette.js";
import * as passkeys from "./passkeys.js";
import * as presence from "./presence.js";
import { applyPatch, markCurrent } from "./patch.js";
import * as push from "./push.js";
import * as pictures from "./pictures.js";
import * as queues from "./queues.js";
import * as repliesMacros from "./replies_macros.js";
import * as repliesPicker from "./replies_picker.js";
import * as places from "./places.js";
import * as preload from "./preload.js";
import * as scroll from "./scroll.js";
import * as search from "./search.js";
import * as select from "./select.js";
import * as simulator from "./simulator.js";
import * as swipe from "./swipe.js";
import * as tabs from "./tabs.js";
import * as viewer from "./viewer.js";
import * as views from "./views.js";
import * as waits from "./waits.js";
import * as zone from "./zone.js";
import * as widgets from "./widgets.js";
import { t } from "./words.js";

let asked = null;

htmx.defineExtension("patch", {
  isInlineSwap: (style) => style === "patch",
  handleSwap(style, target, fragment) {
    if (style !== "patch") return false;
    applyPatch(fragment, { asked: asked ?? screen(), host: target.matches("#dialog, #popover") ? target : null });
    return [];
  },
});

document.addEventListener("htmx:configRequest", (event) => Object.assign(event.detail.headers, headers()));
document.addEventListener("htmx:beforeSwap", (event) => {
  const sent = event.detail.requestConfig?.headers ?? {};
  const paged = "X-Desk-View" in sent;
  asked = paged ? { view: sent["X-Desk-View"], status: sent["X-Desk-Status"], quick: sent["X-Desk-Quick"] ?? "" } : null;
  if (event.detail.xhr.getResponseHeader("HX-Reswap") === "patch") Object.assign(event.detail, { shouldSwap: true, isError: false });
});
document.addEventListener("htmx:sendError", () => toast(t("That didn't reach the desk. Try again once you're connected.")));
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status === 401) return live.signedOut();
  const reference = event.detail.xhr.getResponseHeader("X-Request-Id");
  if (event.detail.xhr.status === 404) toast(t("That conversation is gone or was merged."));
  else toast(reference ? t("Something broke on our side. Reference {reference}.", { reference }) : t("Something broke on our side."));
});

function start() {
  for (const module of [ahead, offline, push, scroll, folds, places, msgMenu, select, swipe, nav, preload, views, overlays, repliesPicker, mentions, composer, contacts, later, emoji, pictures, repliesMacros, keys, presence, live, viewer, waits, zone, widgets, passkeys, simulator, guess, effort, tabs, search, palette, bell, queues, callbacks]) module.start();
  markCurrent();
  $$("#toasts > .toast").forEach(showToast);
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
