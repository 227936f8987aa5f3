// Plainer characters for a text that costs more than it must: shown beside the text first, used when that is confirmed.

import { $, byId, on, showToast } from "./dom.js";
import * as files from "./files.js";
import { cost, money } from "./money.js";
import { count, pieces, prepare, suggestion } from "./segments.js";
import { t, tn } from "./words.js";

const LONGEST_SAME = 24;
const box = () => byId("meter-fix");
const options = (form) => ({ tollFree: form.dataset.tollFree !== undefined });
let use = () => {};

export const isOpen = () => box()?.dataset.open !== undefined;

/** The words of the box with the links of its files, as they are sent and counted. */
const full = (text) => [text, files.links()].filter(Boolean).join("\n");

/** What the text in plainer characters would be, or null when that saves nothing. */
function plainer(form, text) {
  if (form.dataset.uncounted !== undefined || form.dataset.note !== undefined) return null;
  if (suggestion(prepare(full(text)), options(form)) === null) return null;
  return pieces(text).map(([, after]) => after).join("");
}

function price(form, text) {
  const { segments } = count(prepare(full(text)), options(form));
  const amount = cost(form.dataset, segments, files.media());
  return `${tn("{n} segment", "{n} segments", segments)}${amount === null ? "" : ` · ${money(amount, form.dataset.priceMark)}`}`;
}

function element(name, css, ...content) {
  const made = document.createElement(name);
  if (css) made.className = css;
  made.append(...content);
  return made;
}

/** What stays the same is cut short; a changed character nobody sees is shown as a box. */
function side(text, index) {
  const shown = pieces(text).map(([before, after]) => {
    const words = index ? after : before;
    if (before === after) return words.length > LONGEST_SAME ? `${words.slice(0, 10)} … ${words.slice(-10)}` : words;
    return element("mark", "", words.replace(/^[\s\p{Cf}\p{Cc}]*$/u, "␣"));
  });
  return element("span", "plain__text", ...shown);
}

function line(word, text, index, words) {
  return element("p", "plain__line", element("b", "", word), side(text, index), element("small", "num", words));
}

function button(words, key, css, act) {
  const made = element("button", css, `${words} `, element("kbd", "kbd only-desk", key));
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

/** Show the text before and after. `apply` puts a text into the reply form. */
function open(form, text, plain, apply) {
  use = () => {
    close();
    apply(plain);
    undoable(text, plain, apply);
  };
  const keep = () => {
    close();
    byId("composer-text").focus();
  };
  const yes = button(t("Use plain characters"), "Alt S", "btn btn--sm btn--primary", () => use());
  const no = button(t("Keep mine"), "Esc", "btn btn--sm", keep);
  const before = line(t("Now"), text, 0, price(form, text));
  const after = line(t("Plain"), text, 1, price(form, plain));
  const group = element("div", "banner banner--warn plain", before, after, element("div", "row", yes, no));
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", t("In plain characters, before and after"));
  group.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    keep();
  });
  box().replaceChildren(group);
  box().dataset.open = "";
  box().hidden = false;
  yes.focus();
}

export function close() {
  if (!isOpen()) return;
  delete box().dataset.open;
  box().replaceChildren();
  box().hidden = true;
}

/** The words as they were come back as long as nothing else was written. */
function undoable(text, plain, apply) {
  const line = element("div", "toast", `${t("Plain characters used.")} `);
  const back = element("button", "link", t("Undo"));
  back.type = "button";
  back.addEventListener("click", () => {
    if (byId("composer-text")?.value === plain) apply(text);
    line.remove();
  });
  line.append(back);
  showToast(line);
}

/** Alt+S and its button: the first time it shows what would change, the second time it is done. */
function ask(apply) {
  const form = byId("composer");
  if (!form) return;
  if (isOpen()) return use();
  const text = byId("composer-text").value;
  const plain = plainer(form, text);
  if (plain === null) return showToast(element("div", "toast", t("Plain characters wouldn't make this text cheaper.")));
  open(form, text, plain, apply);
}

export function start(apply) {
  on("click", "[data-plainer]", () => ask(apply));
  document.addEventListener("keydown", (event) => {
    if (event.code !== "KeyS" || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!byId("composer") || $("dialog[open]")) return;
    event.preventDefault();
    ask(apply);
  });
}
