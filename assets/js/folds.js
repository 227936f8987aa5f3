// Earlier episodes: one line each, which opens in place and closes again. What is open is remembered until the browser
// is closed, for each conversation.

import { $, $$, byId, fragmentOf, headers, on, openId, toast } from "./dom.js";
import { applyPatch } from "./patch.js";
import { t } from "./words.js";

const held = new Map();
const opening = new Set(); // By conversation and number: news may draw a line anew while what it holds is on its way.

const stored = () => `folds-${openId()}`;
const opened = () => new Set(JSON.parse(sessionStorage.getItem(stored()) ?? "[]"));

function remember(number, isOpen) {
  const numbers = opened();
  if (isOpen) numbers.add(number);
  else numbers.delete(number);
  sessionStorage.setItem(stored(), JSON.stringify([...numbers]));
}

async function open(button) {
  const id = openId();
  const key = `${id}-${button.dataset.episodeFold}`;
  if (opening.has(key)) return undefined;
  opening.add(key);
  button.setAttribute("aria-busy", "true");
  const before = new Set($$("#thread-log > [id]").map((item) => item.id));
  try {
    const answer = await fetch(button.dataset.foldUrl, { headers: headers(), redirect: "manual" });
    if (!answer.ok || openId() !== id) throw new Error(`fold ${answer.status}`);
    applyPatch(fragmentOf(await answer.text()));
  } catch {
    return openId() === id && toast(t("That didn't reach the desk. Try again once you're connected."));
  } finally {
    opening.delete(key);
    button.removeAttribute("aria-busy");
  }
  held.set(button.dataset.episodeFold, $$("#thread-log > [id]").filter((item) => !before.has(item.id)));
  button.setAttribute("aria-expanded", "true");
  return remember(button.dataset.episodeFold, true);
}

function close(button) {
  const line = button.closest(".fold-line");
  const here = line.getBoundingClientRect().top;
  for (const item of held.get(button.dataset.episodeFold) ?? []) item.remove();
  held.delete(button.dataset.episodeFold);
  button.setAttribute("aria-expanded", "false");
  remember(button.dataset.episodeFold, false);
  byId("thread-scroll").scrollTop += line.getBoundingClientRect().top - here;
}

function toggle(event, button) {
  if (event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  if (button.getAttribute("aria-expanded") === "true") close(button);
  else open(button);
}

/** Those that were open, as soon as their lines are there. */
async function again() {
  const numbers = opened();
  for (const button of $$('[data-episode-fold][aria-expanded="false"]')) {
    const number = button.dataset.episodeFold;
    if (held.get(number)?.some((item) => item.isConnected)) button.setAttribute("aria-expanded", "true");
    else if (numbers.has(number)) await open(button);
  }
}

export function start() {
  on("click", "[data-episode-fold]", toggle);
  for (const type of ["desk:thread", "desk:log", "desk:items"]) {
    document.addEventListener(type, () => {
      if (type !== "desk:items") held.clear();
      if ($("[data-episode-fold]")) again();
    });
  }
  again();
}
