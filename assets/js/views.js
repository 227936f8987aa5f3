// Counts of saved views, now and then; folded groups; the form of a view, drawn again as it changes.

import { $, byId, fragmentOf, headers, on, post, whole } from "./dom.js";
import { applyPatch } from "./patch.js";

const GAP = 5000;
let asked = -Infinity;
let timer = 0;

/** At once after a quiet time, else when the last answer is some seconds old: a busy minute asks a dozen times. */
function soon() {
  if (timer || document.hidden || !byId("views")?.dataset.counts) return;
  timer = setTimeout(count, Math.max(150, asked + GAP - performance.now()));
}

async function count() {
  timer = 0;
  asked = performance.now();
  const answer = await whole(fetch(byId("views").dataset.counts, { headers: headers(), priority: "low", redirect: "manual" }));
  if (answer?.ok) applyPatch(fragmentOf(answer.body));
}

function fold(event, button) {
  const group = button.closest(".convgroup");
  const folded = group.toggleAttribute("data-folded");
  button.setAttribute("aria-expanded", String(!folded));
  post("/fold/", { group: button.dataset.fold, folded: folded ? "1" : "0" }).catch(() => null);
}

// The form of a view ------------------------------------------------------------------------------------------------------

let redrawing = null;

/** Draw the form again as the server sees it, with the count; focus stays where it is. */
async function redraw(button = null) {
  const form = byId("view-form");
  redrawing?.abort();
  redrawing = new AbortController();
  const fields = new URLSearchParams(new FormData(form));
  if (button) fields.set(button.name, button.value);
  const answer = await whole(post($("[data-live-form]").dataset.liveForm, fields, { signal: redrawing.signal }));
  if (!answer?.ok) return;
  const held = document.activeElement?.id;
  const next = $("form", fragmentOf(answer.body));
  if (!button && !next.querySelector("[data-shape]")) return;
  if (button || changesShape) {
    form.replaceWith(next);
    byId(held)?.focus();
  } else byId("view-count").textContent = $("#view-count", next).textContent;
  changesShape = false;
}

let changesShape = false;
let typing = 0;

export function start() {
  on("click", "[data-fold]", fold);
  on("click", "[data-close-menu]", () => byId("popover")?.hidePopover());
  on("click", "#view-form [name='do']", (event, button) => {
    event.preventDefault();
    redraw(button);
  });
  on("change", "#view-form select, #view-form input", (event, field) => {
    changesShape ||= field.matches("[data-redraw]");
    redraw();
  });
  on("input", "#view-form .viewrule input", () => {
    clearTimeout(typing);
    typing = setTimeout(redraw, 400);
  });
  document.addEventListener("desk:delta", soon);
  document.addEventListener("desk:list", soon);
  if (byId("views")?.dataset.counts) soon();
}
