// Suggests this device's time zone once, where its clock differs from the one the desk shows. What is answered is kept
// with the account.

import { $ } from "./dom.js";

const HALF_A_YEAR = 182 * 86400e3;

function clockIn(zone, at) {
  return new Intl.DateTimeFormat("en-US", { timeZone: zone, dateStyle: "short", timeStyle: "short" }).format(at);
}

/** Whether two zones show the same clock now and half a year from now. */
export function agree(one, other, now = Date.now()) {
  try {
    return [now, now + HALF_A_YEAR].every((at) => clockIn(one, at) === clockIn(other, at));
  } catch {
    return true; // A zone this browser doesn't know can't be compared.
  }
}

export function start() {
  const form = $("[data-zone-ask]");
  const here = form && Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!here || agree(here, form.dataset.zoneAsk)) return;
  $("[data-zone-words]", form).textContent = here.replaceAll("_", " ");
  $("[data-zone-value]", form).value = here;
  form.hidden = false;
}
