// The words people read, in the reader's language. English is the source: without a catalogue it is shown.
// `t("Undo")`, `t("{name} is typing", { name })`, `tn("{n} new", "{n} new", n)`. First arguments are literals: the catalogues find them by that.

let catalogue;

function said() {
  catalogue ??= JSON.parse(document.getElementById("words")?.textContent ?? "{}");
  return catalogue;
}

const filled = (words, values) => words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/** A sentence in the reader's language, its {names} replaced. */
export function t(words, values = {}) {
  return filled(said().words?.[words] ?? words, values);
}

/** One that counts: by the language's own rule which form. */
export function tn(one, many, n, values = {}) {
  const forms = said().words?.[one];
  const words = Array.isArray(forms) ? forms[n === 1 ? 0 : forms.length - 1] : n === 1 ? one : many;
  return filled(words, { n, ...values });
}
