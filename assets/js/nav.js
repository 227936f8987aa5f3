// Which conversation and which list are on screen, the address bar, and one pane at a time on a phone.

import htmx from "htmx.org/dist/htmx.esm.js";

import { $, byId, emit, isPhone, on, openId } from "./dom.js";
import { markCurrent } from "./patch.js";

let replaying = false;
let byKeyboard = false;

/** Open a conversation in the middle pane. `keyboard` moves focus into the thread. */
export function openConversation(url, { keyboard = false } = {}) {
  if (!byId("thread")) return location.assign(url);
  byKeyboard = keyboard;
  return htmx.ajax("GET", url, { target: "#thread", swap: "patch", source: byId("thread") });
}

function go(url) {
  if (replaying || location.pathname + location.search === url) return;
  history.pushState({ desk: true }, "", url);
}

function showPane(name) {
  document.body.dataset.view = name;
  delete document.body.dataset.views;
  delete document.body.dataset.panel;
}

function opened({ id, url }) {
  go(url);
  showPane("thread");
  markCurrent();
  const name = $("#thread-head h2")?.textContent.trim();
  if (name) document.title = `${name} · Twoway`;
  if (byKeyboard) byId("thread-scroll")?.focus({ preventScroll: true });
  byKeyboard = false;
  byId(`conv-${id}`)?.scrollIntoView({ block: "nearest" });
}

function listed({ url }) {
  go(url);
  showPane("list");
  const title = $("#convlist h2")?.textContent.trim();
  if (title) document.title = `${title} · Twoway`;
  markCurrent();
}

/** Back to "no conversation picked". */
function closeThread() {
  if (!openId()) return;
  emit("desk:leaving", { id: openId() });
  const empty = byId("no-thread").content.cloneNode(true);
  byId("thread").replaceWith($("#thread", empty));
  byId("contact-panel").replaceWith($("#contact-panel", empty));
  markCurrent();
}

async function replay() {
  const list = byId("convlist");
  if (!list) return;
  replaying = true;
  const here = location.pathname + location.search;
  if (location.pathname.startsWith("/c/")) {
    if (byId("thread").dataset.url !== location.pathname) await openConversation(location.pathname);
    else showPane("thread");
  } else {
    closeThread();
    showPane("list");
    if (list.dataset.url !== here) await htmx.ajax("GET", here, { target: "#convlist", swap: "patch", source: list });
  }
  replaying = false;
}

function back(event) {
  event.preventDefault();
  if (history.state?.desk) return history.back();
  go(byId("convlist").dataset.url);
  closeThread();
  showPane("list");
}

export function start() {
  document.addEventListener("desk:thread", (event) => event.detail.id && opened(event.detail));
  document.addEventListener("desk:list", (event) => listed(event.detail));
  addEventListener("popstate", replay);
  on("click", "[data-back]", back);
  on("click", "[data-views]", (event, button) => {
    if (button === document.body) return;
    if (button.dataset.views === "open") document.body.dataset.views = "open";
    else delete document.body.dataset.views;
  });
  on("click", "[data-panel]", (event, button) => {
    if (button === document.body) return;
    if (button.dataset.panel === "open") document.body.dataset.panel = "open";
    else delete document.body.dataset.panel;
  });
  on("click", "[data-conversation]", (event, link) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    byId("dialog")?.close();
    openConversation(link.getAttribute("href"), { keyboard: !isPhone() });
  });
  on("click", ".conv__name", (event, link) => {
    byKeyboard = event.detail === 0;
    if (!byKeyboard || link.getAttribute("href") !== byId("thread")?.dataset.url) return;
    byKeyboard = false; // It is open already: only the focus goes there.
    byId("thread-scroll")?.focus({ preventScroll: true });
  });
}
