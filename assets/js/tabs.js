// Tabs that scroll sideways on a narrow screen show the current one.

import { $ } from "./dom.js";

export function start() {
  const row = $(".tabs:has([aria-current])");
  const current = row?.querySelector("[aria-current]");
  if (current) row.scrollLeft = current.offsetLeft - row.offsetLeft - (row.clientWidth - current.offsetWidth) / 2;
}
