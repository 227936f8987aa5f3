// Who else is here: this window says where it is and whether somebody writes; the stream says the same of the others.
// Shown in the head of the open conversation and as small avatars on rows of the list. Nothing of it is stored.

import { $$, byId, headers, on, openId, tab } from "./dom.js";
import { noted, t, tn } from "./words.js";

const ARRIVE = 500;
const BEAT = 30_000;
const AGAIN = 3000;
const IDLE = 5000;
const TYPING_FOR = 9000;
const MOST = 3;
const ONE = { view: noted("{name} is here"), reply: noted("{name} is typing"), note: noted("{name} is writing a note") };
const TWO = {
  view: noted("{name} and {other} are here"),
  reply: noted("{name} and {other} are typing"),
  note: noted("{name} and {other} are writing a note"),
  both: noted("{name} and {other} are writing"),
};
const MORE = {
  view: (n) => tn("{n} person is here", "{n} people are here", n),
  reply: (n) => tn("{n} person is typing", "{n} people are typing", n),
  note: (n) => tn("{n} person is writing a note", "{n} people are writing a note", n),
  both: (n) => tn("{n} person is writing", "{n} people are writing", n),
};
const form = () => byId("composer");
const area = () => byId("composer-text");

// What this window says ----------------------------------------------------------------------------------------------

let said = { id: "", doing: "gone", at: 0 };
let arriving = 0;
let idle = 0;

function say(doing, { id = openId(), keepalive = false } = {}) {
  if (!id) return;
  said = { id, doing, at: performance.now() };
  const body = new URLSearchParams({ tab, doing });
  fetch(`/c/${id}/here/`, { method: "POST", body, headers: headers(), redirect: "manual", keepalive }).catch(() => null);
}

function arrived() {
  clearTimeout(arriving);
  clearTimeout(idle);
  if (document.hidden) return;
  if (openId()) arriving = setTimeout(say, ARRIVE, "view");
  else left();
}

function left() {
  clearTimeout(arriving);
  clearTimeout(idle);
  if (said.doing !== "gone") say("gone", { id: said.id, keepalive: true });
}

function rest() {
  clearTimeout(idle);
  if (said.id === openId() && (said.doing === "reply" || said.doing === "note")) say("view");
}

function typed() {
  if (!area().value.trim()) return rest();
  const doing = form().dataset.note === undefined ? "reply" : "note";
  clearTimeout(arriving);
  clearTimeout(idle);
  idle = setTimeout(rest, IDLE);
  if (said.id === openId() && said.doing === doing && performance.now() - said.at < AGAIN) return undefined;
  return say(doing);
}

function beat() {
  if (document.hidden || !openId() || performance.now() - said.at < BEAT / 2) return;
  say("view");
}

// What the others do -------------------------------------------------------------------------------------------------

const here = new Map();
const timers = new Map();

function heard(at) {
  for (const [id, people] of Object.entries(at)) {
    clearTimeout(timers.get(id));
    timers.delete(id);
    if (people.length) here.set(id, people.map(([member, name, initials, hue, doing]) => ({ member, name, initials, hue, doing })));
    else here.delete(id);
    if (people.some((one) => one[4] !== "view")) timers.set(id, setTimeout(quiet, TYPING_FOR, id));
  }
  show();
}

/** Nobody said again that they write: they have stopped. */
function quiet(id) {
  here.get(id)?.forEach((one) => (one.doing = "view"));
  show();
}

function avatar({ name, initials, hue, doing }) {
  const circle = document.createElement("span");
  circle.className = `av av--agent av--xs here__av${doing === "view" ? "" : ` is-${doing}`}`;
  circle.dataset.h = hue;
  circle.title = t(ONE[doing], { name });
  circle.setAttribute("aria-hidden", "true");
  circle.textContent = initials;
  return circle;
}

/** One sentence: whoever writes comes first; several are counted. */
function sentence(people) {
  const writing = people.filter((one) => one.doing !== "view");
  const told = writing.length ? writing : people;
  const doing = told.every((one) => one.doing === told[0].doing) ? told[0].doing : "both";
  if (told.length === 1) return t(ONE[doing], { name: told[0].name });
  if (told.length === 2) return t(TWO[doing], { name: told[0].name, other: told[1].name });
  return MORE[doing](told.length);
}

function fill(place, people, { withWords }) {
  const key = people.map((one) => `${one.member}${one.doing}`).join();
  if ((place.dataset.key ?? "") === key && place.childElementCount === (people.length ? Number(place.dataset.parts) : 0)) return;
  const words = document.createElement("span");
  words.className = withWords ? "here__words" : "vh";
  words.textContent = people.length ? sentence(people) : "";
  const parts = people.length ? [...people.slice(0, MOST).map(avatar), words] : [];
  place.dataset.key = key;
  place.dataset.parts = parts.length;
  place.classList.toggle("is-writing", people.some((one) => one.doing === "reply"));
  place.classList.toggle("is-noting", people.some((one) => one.doing === "note") && !people.some((one) => one.doing === "reply"));
  place.replaceChildren(...parts);
}

/** Above the box: who writes now. */
function showWriting(people) {
  const line = byId("thread-typing");
  if (!line) return;
  const words = people.length ? sentence(people) : "";
  if (line.textContent !== words) line.textContent = words;
  line.classList.toggle("is-noting", people.length > 0 && people.every((one) => one.doing === "note"));
}

function show() {
  const head = byId("thread-here");
  if (head) fill(head, here.get(openId()) ?? [], { withWords: true });
  showWriting((here.get(openId()) ?? []).filter((one) => one.doing !== "view"));
  for (const row of $$("#convlist-rows .conv")) {
    const people = here.get(row.dataset.id) ?? [];
    let place = row.querySelector(".conv__here");
    if (!people.length) {
      place?.remove();
      continue;
    }
    if (!place) {
      place = document.createElement("span");
      place.className = "conv__here";
      row.querySelector(".conv__meta")?.append(place);
    }
    fill(place, people, { withWords: false });
  }
}

export function start() {
  if (!document.querySelector("[data-live]")) return;
  document.addEventListener("desk:presence", (event) => heard(event.detail));
  for (const name of ["desk:patched", "desk:list", "desk:thread"]) document.addEventListener(name, show);
  document.addEventListener("desk:patched", () => area() && !area().value.trim() && rest());
  document.addEventListener("desk:thread", arrived);
  document.addEventListener("desk:online", () => {
    here.clear(); // The stream says anew who is where.
    if (!document.hidden && openId()) say("view");
  });
  document.addEventListener("visibilitychange", () => (document.hidden ? left() : arrived()));
  addEventListener("pagehide", left);
  on("input", "#composer-text", typed);
  on("submit", "#composer", () => setTimeout(() => !area()?.value.trim() && rest()));
  setInterval(beat, BEAT);
}
