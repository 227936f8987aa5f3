// The search page: filters write the query, arrow keys and J and K walk through what was found.

import { $, $$, byId, isPhone, on } from "./dom.js";
import { handle } from "./keys.js";
import { t } from "./words.js";

const field = () => byId("search-q");
const found = () => $$("#found .found__item");

/** Ask again with what is in the field now; the answer takes the place of the results. */
function ask(words) {
  const input = field();
  input.value = words;
  input.focus();
  input.setSelectionRange(words.length, words.length);
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

function add(event, chip) {
  if (!field() || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  const words = field().value.trim();
  ask(`${words}${words ? " " : ""}${chip.dataset.searchAdd}`);
}

function set(event, chip) {
  if (!field() || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  ask(new URL(chip.href).searchParams.get("q") ?? "");
}

function move(step) {
  const lines = found();
  const at = lines.indexOf(document.activeElement);
  if (at + step < 0) return field().focus();
  const line = lines[Math.min(at + step, lines.length - 1)];
  line?.focus();
  line?.scrollIntoView({ block: "nearest" });
}

function onKey(event) {
  if (!field() || event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
  const isHere = event.target === field() || event.target.closest?.("#found");
  if (!isHere || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
  event.preventDefault();
  move(event.key === "ArrowDown" ? 1 : -1);
}

/** The address bar says what is asked, so that Back and a reload come to it again. */
function keepAddress(event) {
  if (event.detail.elt !== field()) return;
  const words = field().value.trim();
  history.replaceState(history.state, "", `${location.pathname}${words ? `?q=${encodeURIComponent(words)}` : ""}`);
  document.title = `${words ? `${words} · ` : ""}${t("Search")} · Twoway`;
}

export function start() {
  on("click", "[data-search-add]", add);
  on("click", "[data-search-set]", set);
  if (!field()) return;
  document.addEventListener("keydown", onKey);
  document.addEventListener("htmx:afterRequest", keepAddress);
  handle("search", () => field().focus());
  handle("next", () => move(1));
  handle("previous", () => move(-1));
  handle("reply", () => document.activeElement?.closest(".found__item")?.click());
  if (field().value && !isPhone()) $("#found .found__item")?.focus({ preventScroll: true });
}

