// Reading offline: what was opened lately is kept on this device, where its member wants that. Sending is the outbox's.

import { BADGE } from "./bell.js";
import { $, byId, on, toast } from "./dom.js";
import * as kept from "./kept.js";
import { isInstalled, switchOff, worker } from "./push.js";
import { t } from "./words.js";

const CHOICE = "twoway.offline";
const REST = 1500;
const KEPT = /^\/(?:c\/\d+|inbox\/[\w-]+)\/$/;
let timer = 0;

const can = () => window.isSecureContext && "serviceWorker" in navigator && "indexedDB" in window && Boolean(crypto.subtle);
const owner = () => document.documentElement.dataset.owner;

/** Whether this device keeps pages: as its member chose here, and without a word only where the desk is installed. */
function isOn() {
  const choice = localStorage.getItem(CHOICE);
  return can() && Boolean(owner()) && (choice === null ? isInstalled() : choice === "1");
}

/** Keep what is on screen once nothing has changed for a moment. */
function plan() {
  clearTimeout(timer);
  if (isOn() && navigator.onLine) timer = setTimeout(save, REST);
}

async function save() {
  const path = location.pathname;
  if (!KEPT.test(path) || !document.documentElement.dataset.live) return;
  const title = document.title.replace(BADGE, "");
  await kept.keep(path, picture(title), { by: owner(), title }).catch(() => {});
}

/** The page as it is, without what belongs to this moment: open menus, toasts, what is on its way, what is typed. */
function picture(title) {
  const page = document.documentElement.cloneNode(true);
  delete page.dataset.live;
  for (const host of page.querySelectorAll("#toasts, #dialog, #popover, #bellbox, #bell-said")) host.replaceChildren();
  for (const gone of page.querySelectorAll(".is-pending, .is-new.is-pending")) gone.remove();
  for (const one of page.querySelectorAll("[open]")) if (one.matches("dialog")) one.removeAttribute("open");
  page.querySelector("title").textContent = title;
  return `<!doctype html>${page.outerHTML}`;
}

/** Without a connection a conversation opens from what is kept, as a page of its own. */
async function openKept(event, link) {
  if (navigator.onLine || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const path = link.getAttribute("href");
  if (!KEPT.test(path) || path === byId("thread")?.dataset.url) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const known = isOn() ? await kept.paths().catch(() => []) : [];
  if (known.includes(path)) location.assign(path);
  else toast(t("You're offline, and this conversation isn't kept on this device."));
}

async function signOut(event, form) {
  if (form.dataset.left !== undefined) return;
  event.preventDefault();
  form.dataset.left = "";
  await Promise.race([Promise.allSettled([kept.forget(), switchOff("/settings/notifications/devices/forget/", { keepalive: true })]), new Promise((done) => setTimeout(done, 1500))]);
  form.submit();
}

function choose(event, box) {
  localStorage.setItem(CHOICE, box.checked ? "1" : "0");
  if (box.checked) worker();
  else kept.forget().catch(() => {});
}

export function start() {
  if (!("indexedDB" in window)) return;
  on("submit", "form[data-signout]", signOut);
  if (!owner()) {
    if (location.pathname.startsWith("/account/sign-in")) kept.forget().catch(() => {});
    return;
  }
  kept.owner().then((found) => found && found !== owner() && kept.forget()).catch(() => {});
  on("click", 'a[href^="/c/"], a[href^="/inbox/"]', openKept, true);
  on("change", "[data-offline-keep]", choose);
  const choice = $("[data-offline-choice]");
  if (choice && can()) {
    choice.hidden = false;
    $("[data-offline-keep]", choice).checked = isOn();
  }
  for (const name of ["desk:thread", "desk:list", "desk:delta", "desk:online"]) document.addEventListener(name, plan);
  if (isOn()) worker();
}
