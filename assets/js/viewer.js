// Pictures of the open conversation, one at a time over the page: arrows go on, Escape closes.

import { $, $$, byId, icon, on } from "./dom.js";
import { t } from "./words.js";

let box = null;
let opener = null;

/** Those beside the one that was opened: of a gallery, or of the log. */
const pictures = () => $$("[data-view]", opener?.closest("[data-pictures]") ?? byId("thread-log"));

function made() {
  const dialog = document.createElement("dialog");
  dialog.className = "viewer";
  dialog.setAttribute("aria-label", t("Picture"));
  dialog.innerHTML = `<div class="viewer__bar"><p class="viewer__name trunc" role="status"></p><span class="spacer"></span>
    <a class="btn btn--icon" download aria-label="${t("Save")}" title="${t("Save")}">${icon("download")}</a>
    <button class="btn btn--icon" type="button" data-shut aria-label="${t("Close")}" title="${t("Close")}  Esc">${icon("x")}</button></div>
    <button class="btn btn--icon viewer__step" type="button" data-step="-1" aria-label="${t("Earlier picture")}" title="${t("Earlier")}  ←">${icon("left")}</button>
    <img alt="">
    <button class="btn btn--icon viewer__step" type="button" data-step="1" aria-label="${t("Later picture")}" title="${t("Later")}  →">${icon("right")}</button>`;
  dialog.addEventListener("close", () => {
    $("img", dialog).removeAttribute("src");
    (opener?.isConnected ? opener : byId("thread-scroll"))?.focus();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-shut]")) dialog.close();
    const step = event.target.closest("[data-step]");
    if (step) go(Number(step.dataset.step));
  });
  dialog.addEventListener("keydown", onKey);
  document.body.append(dialog);
  return dialog;
}

function onKey(event) {
  const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
  if (!(event.key in steps)) return;
  event.preventDefault();
  go(steps[event.key]);
}

function go(step) {
  const all = pictures();
  if (!all.length) return box.close();
  const at = Math.max(all.indexOf(opener), 0);
  show(all[Math.min(Math.max(at + step, 0), all.length - 1)]);
}

function show(link) {
  opener = link;
  const all = pictures();
  const at = all.indexOf(link);
  const image = $("img", box);
  image.src = link.href;
  image.alt = $("img", link)?.alt ?? "";
  $(".viewer__name", box).textContent = all.length > 1 ? t("{name} · {number} of {all}", { name: link.dataset.name, number: at + 1, all: all.length }) : link.dataset.name;
  const save = $("a[download]", box);
  save.href = link.href;
  save.download = link.dataset.name;
  const [earlier, later] = $$("[data-step]", box);
  earlier.disabled = at <= 0;
  later.disabled = at >= all.length - 1;
}

function open(event, link) {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  event.preventDefault();
  box ??= made();
  show(link);
  if (!box.open) box.showModal();
  $("[data-shut]", box).focus();
}

export function start() {
  on("click", "[data-view]:not(body)", open);
}
