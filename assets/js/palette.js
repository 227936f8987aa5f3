// The palette's keys: a field that keeps the focus, and a list that the arrows walk through.

import { $$, byId, on } from "./dom.js";

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

function onKey(event) {
  if (event.isComposing) return;
  const all = options();
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in steps && all.length) {
    event.preventDefault();
    select(all[(at + steps[event.key] + all.length) % all.length]);
  } else if (event.key === "Enter") {
    event.preventDefault();
    open(all[Math.max(at, 0)], { beside: event.metaKey || event.ctrlKey });
  }
}

export function start() {
  document.addEventListener("htmx:afterSettle", () => byId("palette-q") && select(options()[0]));
  on("keydown", "#palette-q", onKey);
}
