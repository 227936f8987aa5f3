// Going to a place in a log: a text, a day, the first text, all channels, and back to the newest; links to copy.

import { $, byId, on, toast } from "./dom.js";
import { openConversation } from "./nav.js";
import * as scroll from "./scroll.js";
import { t } from "./words.js";

const base = () => byId("thread")?.dataset.url ?? "";

/** Put words on the clipboard and say so; browsers without it get a field to copy from. */
export async function copy(words, said) {
  try {
    await navigator.clipboard.writeText(words);
  } catch {
    const field = document.createElement("textarea");
    field.value = words;
    field.className = "vh";
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  toast(said);
}

/** To one text: at once when it is on screen. */
export function toText(id) {
  if (!scroll.toMessage(id)) openConversation(`${base()}?m=${id}`);
}

function jump(event, form) {
  event.preventDefault();
  const query = new URLSearchParams(new FormData(form));
  byId("popover")?.hidePopover();
  openConversation(`${base()}?${query}`);
}

function go(event, link) {
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  const popover = byId("popover");
  if (popover?.contains(link)) popover.hidePopover();
  byId("dialog")?.close();
  openConversation(link.getAttribute("href"));
}

export function start() {
  document.addEventListener("desk:newest", () => openConversation(base()));
  on("submit", "form[data-log-jump]", jump);
  on("click", "a[data-log-jump], a[data-log-plain]", go);
  on("click", 'a.reaction[href^="#msg-"]', (event, link) => {
    event.preventDefault();
    toText(link.getAttribute("href").slice(5));
  });
  on("click", "[data-copy]", (event, button) => copy(button.dataset.copy, t("Copied.")));
}
