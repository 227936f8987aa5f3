// The segment meter: counted here while typing, confirmed by the server once typing rests.

import { $, byId, fragmentOf, post, whole } from "./dom.js";
import { morph } from "./patch.js";
import { links, media } from "./files.js";
import { cost, money } from "./money.js";
import * as plain from "./plain.js";
import { count, prepare } from "./segments.js";
import { tn } from "./words.js";

const WAIT = 400;
let timer = 0;
let asked = 0;

export function show(form, text) {
  const meter = byId("meter");
  if (!meter) return;
  clearTimeout(timer);
  plain.close();
  const isNote = form.dataset.note !== undefined;
  const full = [text, links()].filter(Boolean).join("\n");
  if ((!full && !media()) || isNote || (form.dataset.uncounted !== undefined && !form.dataset.price)) {
    meter.hidden = true;
    byId("meter-fix").hidden = true;
    byId("composer-care")?.replaceChildren();
    return;
  }
  const counted = count(prepare(full), { tollFree: form.dataset.tollFree !== undefined });
  const amount = cost(form.dataset, counted.segments, media());
  draw(form, meter, counted, amount === null ? "" : money(amount, form.dataset.priceMark));
  timer = setTimeout(() => confirm(form, text, full), WAIT);
}

function draw(form, meter, { encoding, units, segments, capacity }, price) {
  if (form.dataset.uncounted !== undefined || media()) {
    meter.replaceChildren(Object.assign(document.createElement("span"), { textContent: media() ? `MMS${price && ` · ${price}`}` : price }));
    meter.classList.remove("meter--warn");
    meter.hidden = false;
    return;
  }
  if (!$("progress", meter)) {
    meter.innerHTML =
      '<progress class="meter__bar only-desk" aria-hidden="true"></progress><span><span class="only-desk"></span><b></b><span></span></span>';
  }
  const [bar, words] = meter.children;
  bar.max = capacity;
  bar.value = units;
  words.replaceChildren(
    Object.assign(document.createElement("span"), { className: "only-desk", textContent: `${encoding === "UCS-2" ? "Unicode" : encoding} · ` }),
    Object.assign(document.createElement("b"), { textContent: `${units}/${capacity}` }),
    ` · ${tn("{n} segment", "{n} segments", segments)}${price && ` · ${price}`}`,
  );
  meter.classList.toggle("meter--warn", encoding === "UCS-2" || units * 10 > capacity * 9);
  meter.hidden = false;
}

async function confirm(form, text, full) {
  const mine = ++asked;
  const fields = { body: full, channel: form.dataset.channel, conversation: form.dataset.id, media: media() };
  const answer = await whole(post(form.dataset.meter, fields));
  if (!answer?.ok || mine !== asked || byId("composer-text")?.value !== text) return;
  for (const part of [...fragmentOf(answer.body).children]) {
    const old = byId(part.id);
    if (old && !(old.id === "meter-fix" && plain.isOpen())) morph(old, part);
  }
}
