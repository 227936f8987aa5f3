// The public opt-in pages work without this: it prints the card and copies the page's address.

import { t } from "./words.js";

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const words = button.querySelector("span");
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      words.textContent = t("Copied");
    } catch {
      words.textContent = t("Can't copy here");
    }
  });
}
