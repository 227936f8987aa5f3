// First run: offer the time zone this browser is in.

import { $ } from "./dom.js";

export function start() {
  const select = $('select[data-guess="timezone"]');
  const zone = select && Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && [...select.options].some((option) => option.value === zone)) select.value = zone;
}
