// The palette's keys: a field that keeps the focus, and a list that the arrows walk through.

import { $$, byId, on } from "./dom.js";

let answers = null; // The words the lines were found for.
let wanted = null; // An Enter that waits for the lines of what is in the field.

const options = () => $$('#palette-list [role="option"]');

function select(option) {
  options().forEach((other) => other.setAttribute("aria-selected", String(other === option)));
  option?.scrollIntoView({ block: "nearest" });
  byId("palette-q")?.setAttribute("aria-activedescendant", option?.id ?? "");
}

/** Open a line; beside means in a tab of its own, for lines that lead somewhere. */
function open(option, { beside = false } = {}) {
  if (!option) return;
  if (beside && option.getAttribute("href") !== "#") window.open(option.href, "_blank", "noopener");
  else option.click();
}

/** Lines are there: an Enter pressed before they were opens the first of them. */
function arrived(event) {
  const field = byId("palette-q");
  if (!field) return;
  if (["dialog", "palette-list"].includes(event.detail.target?.id)) answers = event.detail.requestConfig?.parameters?.q ?? "";
  select(options()[0]);
  if (!wanted || answers !== field.value) return;
  const how = wanted;
  wanted = null;
  open(options()[0], how);
}

function onKey(event, field) {
  if (event.isComposing) return;
  wanted = null;
  const all = options();
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in steps && all.length) {
    event.preventDefault();
    select(all[(at + steps[event.key] + all.length) % all.length]);
  } else if (event.key === "Enter") {
    event.preventDefault();
    const how = { beside: event.metaKey || event.ctrlKey };
    if (answers === field.value) open(all[Math.max(at, 0)], how);
    else wanted = how;
  }
}

export function start() {
  document.addEventListener("htmx:afterSettle", arrived);
  on("keydown", "#palette-q", onKey);
}
