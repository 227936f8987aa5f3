// Lines about a person that change where they stand: once saved, a form closes and forgets what was typed.

/** Before the answer is put in, so that the fold doesn't stay open over it. */
function saved(event) {
  const form = event.detail.requestConfig?.elt;
  if (!(form instanceof HTMLFormElement) || !form.matches(".inline__form") || event.detail.xhr.status !== 200) return;
  form.reset();
  form.closest("details").open = false;
}

export function start() {
  document.addEventListener("htmx:beforeSwap", saved);
}
