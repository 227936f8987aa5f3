// The reply form as the server says it now, put over the one on screen without taking anything from under a hand:
// the box, its words, its files on their way up, an open menu and the button that is being pressed stay what they are.

import htmx from "htmx.org/dist/htmx.esm.js";
import { Idiomorph } from "idiomorph/dist/idiomorph.esm.js";

import { $, byId, emit } from "./dom.js";

let isPressed = false;
let waiting = null;

const isRefusal = (form) => Boolean($('[role="alert"]', form)) || form.dataset.returned !== undefined;

/** Make the form say what `next` says. While a button of it is held down that waits until the button is let go. */
export function putComposer(next) {
  const old = byId("composer");
  if (!old) return;
  const refused = isRefusal(next);
  if (!refused && old.dataset.version === next.dataset.version) return;
  if (isPressed) {
    if (refused || !waiting || !isRefusal(waiting)) waiting = next;
    return;
  }
  put(old, next, refused);
}

function put(old, next, refused) {
  const area = $("textarea", old);
  const typed = area.value;
  const given = $("textarea", next).value;
  const hadFocus = document.activeElement === area;
  if (refused || next.dataset.blocked !== undefined) for (const told of [byId("composer-refused")]) told?.remove();
  if (refused) byId("composer-news")?.remove();
  const done = Idiomorph.morph(old, next, { morphStyle: "outerHTML", ignoreActiveValue: true, callbacks: keeping(old, typed, refused) })[0] ?? old;
  const value = !typed || typed === given ? given || typed : refused && given ? `${given}\n${typed}` : typed;
  if (area.value !== value) area.value = value;
  htmx.process(done);
  if (hadFocus || refused) area.focus();
  emit("desk:composer");
  if (next.dataset.returned !== undefined) area.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

/** What a new form may not touch: the words and what belongs to them, and whatever says it is to be kept. */
function keeping(old, typed, refused) {
  const isKept = (node) => {
    if (!(node instanceof Element)) return false;
    if (node.dataset.keep !== undefined) return true;
    if (node.matches('input[type="hidden"][name="key"], input[type="hidden"][name="seen"]')) return !refused && Boolean(typed);
    if (["meter", "meter-fix", "composer-care"].includes(node.id)) return Boolean(typed);
    return node.id === "composer-files" && Boolean($(".is-uploading", node));
  };
  return {
    beforeNodeMorphed: (node, to) => {
      if (node === old || !(node instanceof Element)) return true;
      if (node.id === "composer-text") {
        for (const { name, value } of to.attributes) if (node.getAttribute(name) !== value) node.setAttribute(name, value);
        return false;
      }
      return !isKept(node);
    },
    beforeNodeRemoved: (node) => !isKept(node) && node.id !== "composer-refused",
  };
}

/** A press that began on the form ends with its click; only then may the form change. */
function released() {
  setTimeout(() => {
    isPressed = false;
    const next = waiting;
    waiting = null;
    if (next && byId("composer")?.dataset.id === next.dataset.id) putComposer(next);
  });
}

document.addEventListener("pointerdown", (event) => (isPressed = Boolean(event.target.closest?.("#composer"))), true);
document.addEventListener("pointerup", released, true);
document.addEventListener("pointercancel", released, true);
