// The bell: how many notifications are unread, in the rail, the tab bar, the title, the icon and the app's badge; its
// list; a sound. What is on screen already counts as read.

import { $, $$, byId, fragmentOf, headers, isPhone, on, openId, post, toast, whole } from "./dom.js";
import { handle } from "./keys.js";
import * as sound from "./sound.js";
import { t, tn } from "./words.js";

const POLL = 60_000;
const GAP = 1000;
const RUNG = "twoway.rung";
let bell = null;
let known = null;
let waiting = 0;
let lastAsked = -Infinity;
let badge = "";

/** The number before a title; an area code has three digits. */
export const BADGE = /^\((?:\d{1,2}|99\+)\) /;

const box = () => byId("bellbox");
const isHere = () => !document.hidden && document.hasFocus();

/** Ask what is new, soon; several wishes within a moment are one. */
function ask() {
  clearTimeout(waiting);
  waiting = setTimeout(fetchNews, Math.max(0, lastAsked + GAP - performance.now()));
}

async function fetchNews() {
  lastAsked = performance.now();
  const answer = await whole(fetch(`${bell.dataset.bell}${isHere() ? "?at_desk=1" : ""}`, { headers: headers(), redirect: "manual" }));
  if (answer?.ok) show(JSON.parse(answer.body));
}

function show(news) {
  const id = Number(openId());
  if (id && isHere() && news.conversations.includes(id)) return read({ conversation: id });
  const isNew = known !== null && news.newest && news.newest !== known.newest && news.unread >= known.unread;
  known = news;
  draw(news.unread);
  if (isNew) arrived(news);
  if (box()?.matches(":popover-open") && isNew) load();
  return undefined;
}

function draw(count) {
  const words = count > 99 ? "99+" : String(count);
  for (const dot of $$("[data-bell-count]")) {
    dot.textContent = words;
    dot.hidden = !count;
  }
  const label = count ? t("Notifications, {n} unread", { n: words }) : t("Notifications");
  bell.setAttribute("aria-label", label);
  badge = count ? `(${words}) ` : "";
  title();
  const icon = $('link[rel="icon"]');
  const wanted = count ? bell.dataset.iconUnread : bell.dataset.iconPlain;
  if (icon && wanted && icon.getAttribute("href") !== wanted) icon.setAttribute("href", wanted);
  if (count) navigator.setAppBadge?.(count).catch(() => {});
  else navigator.clearAppBadge?.().catch(() => {});
}

/** The title with the number in front, whoever sets it. */
function title() {
  const bare = document.title.replace(BADGE, "");
  if (document.title !== badge + bare) document.title = badge + bare;
}

/** Say it for those who don't see the screen, and let one window alone make the sound. */
function arrived(news) {
  byId("bell-said").textContent = tn("{n} new notification", "{n} new notifications", news.unread);
  if (!news.loud) return;
  try {
    if (localStorage.getItem(RUNG) === news.newest) return;
    localStorage.setItem(RUNG, news.newest);
  } catch {
    // Without a store every window makes it.
  }
  sound.play(news.sound, news.volume).then((heard) => (document.documentElement.dataset.rung = `${heard}`));
}

/** Mark as read: { id }, { conversation } or { all: 1 }. */
async function read(fields) {
  const answer = await whole(post(bell.dataset.bellRead, fields));
  if (!answer?.ok) return;
  known = JSON.parse(answer.body);
  draw(known.unread);
}

// The list -----------------------------------------------------------------------------------------------------------

async function load() {
  const answer = await whole(fetch(bell.getAttribute("href"), { headers: headers(), redirect: "manual" }));
  if (answer?.ok) box().replaceChildren(fragmentOf(answer.body));
}

const focusFirst = () => ($(".noted__link", box()) ?? $("a, button", box()))?.focus();

async function open() {
  if (isPhone() || !box()?.showPopover) return location.assign(bell.getAttribute("href"));
  if (box().matches(":popover-open")) return box().hidePopover();
  await load();
  box().showPopover();
  focusFirst();
  return undefined;
}

function move(event) {
  const links = $$(".noted__link", box());
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !links.length) return;
  event.preventDefault();
  const at = links.indexOf(document.activeElement);
  links[(at + step + links.length) % links.length].focus();
}

async function mark(event, button) {
  event.preventDefault();
  const form = button.closest("form");
  const fields = Object.fromEntries(new FormData(form, button));
  await read(fields);
  if (!box().contains(form)) return location.reload();
  await load();
  return focusFirst();
}

/** Hear nothing more of a conversation; what is meant for this member in person still comes. */
async function mute(event, button) {
  event.preventDefault();
  const answer = await whole(post(button.closest("form").getAttribute("action"), {}));
  if (answer?.ok) toast(t("Muted. You'll still hear of mentions and of what's given to you."));
}

/** A notification led here: its text is brought into sight. */
function seek() {
  const id = /^#((?:msg|note)-\d+)$/.exec(location.hash)?.[1];
  const item = id && byId(id);
  if (!item) return;
  item.scrollIntoView({ block: "center" });
  item.classList.add("is-sought");
}

export function start() {
  bell = byId("bell");
  if (!bell) return;
  const icon = $('link[rel="icon"]');
  bell.dataset.iconPlain = icon?.getAttribute("href") ?? "";
  bell.dataset.iconUnread = icon?.dataset.unread ?? "";
  new MutationObserver(title).observe($("title"), { childList: true });
  on("click", "#bell", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  handle("bell", open);
  on("keydown", "#bellbox", move);
  on("click", "[data-note-read], [data-note-all]", mark);
  on("click", "[data-note-mute]", mute);
  on("click", "[data-sound-play]", () => sound.play($("[data-sound-choice]").value, Number($("[data-sound-volume]").value)));
  document.addEventListener("desk:bell", ask);
  document.addEventListener("desk:online", ask);
  document.addEventListener("desk:thread", () => known?.conversations.includes(Number(openId())) && ask());
  document.addEventListener("visibilitychange", () => !document.hidden && ask());
  addEventListener("focus", ask);
  setInterval(() => !document.hidden && ask(), POLL);
  requestAnimationFrame(() => requestAnimationFrame(seek));
  ask();
}
