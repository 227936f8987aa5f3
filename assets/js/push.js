// Pushes to this device: asking for them, giving them up, and what to do where a browser can't.

import { $, csrfToken, emit, on, toast } from "./dom.js";
import { t } from "./words.js";

const TOLD = "twoway.push";
const DAY = 86_400_000;
const box = () => $("[data-push]");
const can = () => window.isSecureContext && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
const isApple = () => /iPhone|iPad/.test(navigator.userAgent) || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);

/** Whether this page runs as an installed app. */
export const isInstalled = () => matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;

/** The service worker, registered now if it isn't; null where there is none. */
export async function worker() {
  if (!window.isSecureContext || !("serviceWorker" in navigator)) return null;
  await navigator.serviceWorker.register("/sw.js").catch(() => null);
  return navigator.serviceWorker.ready;
}

const send = (url, told, options = {}) =>
  fetch(url, { method: "POST", body: JSON.stringify(told), headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() }, redirect: "manual", ...options });

const current = async () => (await (await navigator.serviceWorker.getRegistration("/"))?.pushManager.getSubscription()) ?? null;

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (one) => one.charCodeAt(0));
}

async function switchOn() {
  if ((await Notification.requestPermission()) !== "granted") return draw();
  const here = await worker();
  try {
    const options = { userVisibleOnly: true, applicationServerKey: bytes(box().dataset.pushKey) };
    const made = await here.pushManager.subscribe(options);
    const answer = await send(box().dataset.push, made.toJSON());
    if (!answer.ok) throw new Error(`push ${answer.status}`);
    localStorage.setItem(TOLD, String(Date.now()));
    return location.reload();
  } catch {
    toast(t("This browser's push service can't be reached. Try again later."));
    return draw();
  }
}

/** Give this device up, in the browser and at the desk. */
export async function switchOff(url, options) {
  if (!can()) return;
  const found = await current().catch(() => null);
  if (!found) return;
  await send(url, { endpoint: found.endpoint }, options).catch(() => null);
  await found.unsubscribe().catch(() => false);
}

/** What this browser can do, in words and buttons. */
async function draw() {
  const words = $("[data-push-words]", box());
  const [turnOn, turnOff] = [$("[data-push-on]", box()), $("[data-push-off]", box())];
  const has = can() && Boolean(await current());
  const isDenied = can() && Notification.permission === "denied";
  turnOn.hidden = !can() || has || isDenied;
  turnOff.hidden = !has;
  if (!can() && isApple()) words.textContent = t("On an iPhone or iPad: tap Share, then Add to Home Screen. Open Twoway from there and come back to this page.");
  else if (!can()) words.textContent = window.isSecureContext ? t("This browser can't get pushes.") : t("Pushes need an address with https.");
  else if (isDenied) words.textContent = t("This browser blocks notifications from Twoway. Allow them in its settings for this site, then come back.");
  else words.textContent = has ? t("This device gets pushes, also when Twoway is closed.") : t("Get what's ticked under Push on this device, also when Twoway is closed.");
}

/** Push services change addresses now and then: tell the desk the present one once a day. */
async function refresh() {
  if (!can() || Notification.permission !== "granted" || Date.now() - Number(localStorage.getItem(TOLD)) < DAY) return;
  const found = await current();
  if (!found) return;
  const answer = await send("/settings/notifications/devices/add/", found.toJSON()).catch(() => null);
  if (answer?.ok) localStorage.setItem(TOLD, String(Date.now()));
}

let prompt = null;

export function start() {
  addEventListener("beforeinstallprompt", (event) => {
    prompt = event;
    $("[data-install]")?.removeAttribute("hidden");
  });
  on("click", "[data-install]", (event, button) => {
    prompt?.prompt();
    button.hidden = true;
  });
  if (!document.documentElement.dataset.owner) return;
  navigator.serviceWorker?.addEventListener("message", (event) => event.data?.bell && emit("desk:bell"));
  on("click", "[data-push-on]", switchOn);
  on("click", "[data-push-off]", async () => {
    await switchOff(box().dataset.pushForget);
    location.reload();
  });
  if (can() && (isInstalled() || Notification.permission === "granted")) worker();
  if (box()) draw();
  refresh().catch(() => {});
}
