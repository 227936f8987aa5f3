// Alpine components (CSP build) for pages that need a little behaviour: x-data="copy", "reveal" or "confirm".

import Alpine from "@alpinejs/csp";
import { t } from "./words.js";

/** A button that copies `data-copy` and says so: x-data="copy" data-copy="..." with @click="take" and x-text="words". */
function copy() {
  return {
    words: t("Copy"),
    async take() {
      await navigator.clipboard.writeText(this.$root.dataset.copy);
      this.words = t("Copied");
      setTimeout(() => (this.words = t("Copy")), 2000);
    },
  };
}

/** Something shown on demand: x-data="reveal", @click="toggle", x-show="open", :aria-expanded="open". */
function reveal() {
  return {
    open: false,
    toggle() {
      this.open = !this.open;
    },
  };
}

/** A form that asks first: x-data="confirm" on the form, @submit="ask", data-question, and a <dialog x-ref="dialog">. */
function confirm() {
  return {
    sure: false,
    ask(event) {
      if (this.sure) return;
      event.preventDefault();
      this.$refs.dialog.showModal();
    },
    yes() {
      this.sure = true;
      this.$refs.dialog.close();
      this.$root.requestSubmit();
    },
    no() {
      this.$refs.dialog.close();
    },
  };
}

export function start() {
  if (!document.querySelector("[x-data]")) return;
  Alpine.data("copy", copy);
  Alpine.data("reveal", reveal);
  Alpine.data("confirm", confirm);
  Alpine.start();
}
