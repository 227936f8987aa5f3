// The emoji picker: a small list by group, found by words, put in at the cursor. What was used last comes first.

import { $, $$, byId, on } from "./dom.js";
import { insertAtCursor } from "./composer.js";
import { groups } from "./emoji_list.js";
import { t } from "./words.js";

const KEPT = "twoway.emoji";
const MOST_KEPT = 16;

const lately = () => {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) ?? [];
  } catch {
    return [];
  }
};

function keep(emoji) {
  try {
    localStorage.setItem(KEPT, JSON.stringify([emoji, ...lately().filter((one) => one !== emoji)].slice(0, MOST_KEPT)));
  } catch {
    // A full or forbidden store: the list stays as it is.
  }
}

function group(name, pairs) {
  const box = document.createElement("section");
  const head = document.createElement("h3");
  const list = document.createElement("div");
  head.textContent = name;
  list.className = "emoji__list";
  for (const [emoji, words] of pairs) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "emoji__one", textContent: emoji, title: words });
    button.setAttribute("aria-label", words);
    button.dataset.emoji = emoji;
    list.append(button);
  }
  box.append(head, list);
  return box;
}

function draw(query = "") {
  const words = query.trim().toLowerCase();
  const every = groups();
  const all = new Map(every.flatMap(([, pairs]) => pairs));
  const last = words ? [] : lately().filter((one) => all.has(one));
  const fitting = every.map(([name, pairs]) => [name, pairs.filter(([, told]) => told.includes(words))]).filter(([, pairs]) => pairs.length);
  const shown = [...(last.length ? [[t("Used lately"), last.map((one) => [one, all.get(one)])]] : []), ...fitting];
  const none = document.createElement("p");
  none.className = "emoji__none";
  none.textContent = t("No emoji for \"{words}\". Try another word.", { words: query.trim() });
  $(".emoji__groups", byId("popover")).replaceChildren(...(shown.length ? shown.map(([name, pairs]) => group(name, pairs)) : [none]));
}

function open(event, button) {
  const box = byId("popover");
  box.innerHTML = '<div class="pop emoji" role="dialog"><label class="vh" for="emoji-q"></label><input class="input" id="emoji-q" type="search" autocomplete="off"><div class="emoji__groups"></div></div>';
  box.firstElementChild.setAttribute("aria-label", t("Emoji"));
  $("label", box).textContent = byId("emoji-q").placeholder = t("Find an emoji");
  draw();
  box.showPopover();
  const at = button.getBoundingClientRect();
  const { width, height } = box.getBoundingClientRect();
  box.style.left = `${Math.min(Math.max(8, at.left), innerWidth - width - 8)}px`;
  box.style.top = `${Math.max(8, at.top - height - 6)}px`;
  byId("emoji-q").focus();
}

function pick(event, button) {
  keep(button.dataset.emoji);
  byId("popover").hidePopover();
  insertAtCursor(button.dataset.emoji);
}

function onKey(event) {
  const all = $$(".emoji__one", byId("popover"));
  const at = all.indexOf(document.activeElement);
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 8, ArrowUp: -8 }[event.key];
  if (event.key === "Enter" && event.target.id === "emoji-q") {
    event.preventDefault();
    all[0]?.click();
  } else if (step && (at >= 0 || event.key === "ArrowDown")) {
    event.preventDefault();
    event.stopPropagation();
    if (at + step < 0) byId("emoji-q").focus();
    else all[at < 0 ? 0 : Math.min(at + step, all.length - 1)]?.focus();
  }
}

export function start() {
  on("click", "[data-emoji-open]", open);
  on("click", "[data-emoji]", pick);
  on("input", "#emoji-q", (event, field) => draw(field.value));
  on("keydown", ".emoji", onKey);
}
