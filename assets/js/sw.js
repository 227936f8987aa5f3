// The service worker: shows pushes, and pages that were kept when the desk can't be reached. Online it stays out of the
// way: nothing is answered from here that the server can answer.

import * as kept from "./kept.js";
import { t } from "./words.js";

const { version, files, policy, icon, badge, language = "en" } = self.TWOWAY;
const CACHE = `twoway-static-${version}`;
const BADGED = /AppleWebKit(?!.*Chrom)/.test(self.navigator.userAgent);

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(files.map((url) => new Request(url, { cache: "reload" })))));
  self.skipWaiting();
});

self.addEventListener("activate", (event) => event.waitUntil(activate()));

async function activate() {
  for (const name of await caches.keys()) if (name.startsWith("twoway-static-") && name !== CACHE) await caches.delete(name);
  await self.registration.navigationPreload?.enable();
  await kept.prune().catch(() => {});
  await self.clients.claim();
}

// Offline ------------------------------------------------------------------------------------------------------------

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(visit(event, url));
  else if (files.includes(url.pathname)) event.respondWith(fetch(request).catch(() => fromCache(request)));
});

async function fromCache(request) {
  return (await caches.match(request, { cacheName: CACHE, ignoreSearch: true })) ?? Response.error();
}

async function visit(event, url) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    return offline(url.pathname);
  }
}

async function offline(path) {
  const known = await kept.paths().catch(() => []);
  const isList = path === "/" || path.startsWith("/inbox/");
  const best = known.includes(path) ? path : isList ? known.find((one) => one.startsWith("/inbox/")) : undefined;
  const found = best && (await kept.read(best).catch(() => null));
  return page(found ? found.html : await nothing(known));
}

const page = (html) =>
  new Response(html, { headers: { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Content-Security-Policy": policy } });

const escaped = (text) => text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);

async function nothing(known) {
  const rows = [];
  for (const path of known) {
    const one = await kept.read(path).catch(() => null);
    if (one) rows.push(`<li><a class="link" href="${escaped(path)}">${escaped(one.title)}</a></li>`);
  }
  const links = rows.length ? `<p class="soft">${t("Kept on this device:")}</p><ul class="kept">${rows.join("")}</ul>` : "";
  const sheet = files.find((name) => name.endsWith("desk.css"));
  return `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${t("Offline")} · Twoway</title><link rel="stylesheet" href="${sheet}"></head><body data-view="page"><main class="gate"><section class="gate__card"><h1>${t("You're offline.")}</h1><p class="soft">${t("This page isn't kept on this device. It opens once you're connected.")}</p>${links}</section></main></body></html>`;
}

// Pushes -------------------------------------------------------------------------------------------------------------

self.addEventListener("push", (event) => event.waitUntil(pushed(event)));

async function pushed(event) {
  let told = {};
  try {
    told = event.data?.json() ?? {};
  } catch {
    // Shown without words: a browser insists that something is shown.
  }
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  windows.forEach((one) => one.postMessage({ bell: true }));
  if (told.unread) await self.navigator.setAppBadge?.(told.unread).catch(() => {});
  if (windows.some((one) => one.focused) && told.tag && !BADGED) return;
  await self.registration.showNotification(told.title || "Twoway", {
    body: told.body || "",
    tag: told.tag || undefined,
    renotify: Boolean(told.tag),
    icon,
    badge,
    data: { url: told.url || "/notifications/" },
  });
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(go(new URL(event.notification.data?.url ?? "/notifications/", location.origin)));
});

async function go(url) {
  if (url.origin !== location.origin) return;
  const [window] = await self.clients.matchAll({ type: "window" });
  const shown = window && (await window.navigate(url.href).catch(() => null));
  if (shown) await shown.focus();
  else await self.clients.openWindow(url.href);
}
