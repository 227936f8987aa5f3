// What each command does, and the keys that run them. Single keys are off while typing (Alt and the key works there), in
// dialogs, and altogether with <html data-keys="off"> (WCAG 2.1.4). Which key means what is data: twoway/desk/commands.py.

import htmx from "htmx.org/dist/htmx.esm.js";

import { $, $$, byId, on, toast } from "./dom.js";
import * as composer from "./composer.js";
import * as shown from "./keys_shown.js";
import { closeThread, goOn, move } from "./nav.js";
import * as overlays from "./overlays.js";
import * as select from "./select.js";
import { t } from "./words.js";

let went = -Infinity;

/** In a field that is there to be seen: one in a menu that just closed may keep the focus for a moment. */
const isTyping = (target) =>
  target instanceof Element &&
  target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") &&
  target.checkVisibility();
const threadUrl = () => byId("thread")?.dataset.url ?? "";

/** POST one of the verbs of a conversation; the answer is a patch. */
export function act(url, verb, values = {}) {
  if (!url) return undefined;
  return htmx.ajax("POST", `${url}${verb}/`, { swap: "patch", target: "#thread", source: byId("main"), values });
}

/** The conversation a key acts on: the focused row's, else the open one. */
function subject() {
  const row = document.activeElement?.closest?.(".conv");
  return row ? $(".conv__name", row).getAttribute("href") : threadUrl();
}

const menu = (verb) => () => {
  if (select.isOn()) return select.menu(verb);
  if (!subject()) return undefined;
  return overlays.loadMenu(`${subject()}${verb}/`, $(`[data-open-popover="${verb}"]`) ?? byId("thread-head"));
};

const verb =
  (name, values = {}) =>
  () =>
    select.isOn() ? select.act(name, values) : act(subject(), name, values);

/** Mark done, and go on to the next one however the member has it. */
function doneNext() {
  if (select.isOn()) return select.act("done");
  goOn(subject());
  return act(subject(), "done");
}

function unread() {
  if (select.isOn()) return select.act("unread");
  const url = subject();
  if (!url) return undefined;
  if (url === threadUrl()) closeThread({ toList: true });
  return act(url, "unread");
}

/** Press the newest Undo that is on screen. */
function undo() {
  const button = $$("#toasts .toast form button:not([data-onward])").at(-1);
  if (button) button.click();
  else toast(t("There's nothing to undo."));
}

function palette() {
  if (byId("dialog")) overlays.loadDialog($(".views__search")?.getAttribute("hx-get") ?? "/palette/");
}

const go = (path) => () => location.assign(path);

const commands = {
  next: () => move(1),
  previous: () => move(-1),
  filter: () => $("[data-list-filter]")?.click(),
  reply: () => composer.focus(),
  note: () => composer.toggleNote(),
  assign: menu("assign"),
  assign_me: verb("assign", { member: "me" }),
  done: verb("done"),
  done_next: doneNext,
  reopen: verb("reopen"),
  snooze: menu("snooze"),
  tag: menu("tag"),
  unread,
  undo,
  select: () => select.toggleCurrent(),
  select_next: () => select.extend(1),
  select_previous: () => select.extend(-1),
  select_all: () => select.all(),
  search: palette,
  shortcuts: () => overlays.showShortcuts(),
  new: () => $("[data-key-c]")?.click(),
  go_inbox: go("/inbox/open/"),
  go_mine: go("/inbox/mine/"),
  go_people: go("/contacts/"),
  go_wallboard: go("/wallboard/"),
  go_settings: go("/settings/"),
};

/** Give a command its deed; for modules with commands of their own. */
export function handle(id, deed) {
  commands[id] = deed;
}

/** Run a command by its id. */
export const run = (id) => commands[id]?.();

function escape() {
  const field = document.activeElement;
  if (field?.closest("#composer")) return byId("thread-scroll")?.focus();
  if (select.isOn()) return select.clear();
  delete document.body.dataset.panel;
  delete document.body.dataset.views;
  return undefined;
}

/** The key as the table writes it; with Alt by its place on the keyboard, for Alt makes other characters of it. */
function written(event) {
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1].toLowerCase();
  const key = event.altKey && letter ? letter : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return event.shiftKey && /^[a-z]$/.test(key) ? `shift+${key}` : key;
}

/** The command of a key; after G within a moment, of the two. */
function commandFor(key) {
  const after = performance.now() - went < 1200 ? shown.commandOf(`g ${key}`) : undefined;
  went = key === "g" ? performance.now() : -Infinity;
  return after ?? shown.commandOf(key);
}

function onKey(event) {
  if (event.defaultPrevented || event.isComposing) return;
  const key = written(event);
  if (key === "k" && (event.metaKey || event.ctrlKey) && !event.altKey) {
    event.preventDefault();
    return palette();
  }
  if (overlays.isOpen() || event.metaKey || event.ctrlKey) return;
  if (key === "Escape") return escape();
  if (document.documentElement.dataset.keys === "off" || (isTyping(event.target) && !event.altKey)) return;
  if (key === "Enter" && document.activeElement?.id === "thread-scroll") {
    event.preventDefault();
    return composer.focus();
  }
  const command = commandFor(key);
  if (!commands[command]) return;
  event.preventDefault();
  commands[command]();
}

function quick(event, button) {
  const url = $(".conv__name", button.closest(".conv")).getAttribute("href");
  const name = button.dataset.quick;
  if (name === "me") act(url, "assign", { member: "me" });
  else if (name === "snooze") overlays.loadMenu(`${url}snooze/`, button);
  else act(url, name);
}

export function start() {
  shown.start();
  document.addEventListener("keydown", onKey);
  on("click", "button[data-quick]", quick);
  on("click", "[data-press]", (event, line) => {
    event.preventDefault();
    byId("dialog").close();
    run(line.dataset.press);
  });
}
