// The words people read, in the reader's language. English is the source: without a catalogue it is shown.
// `t("Undo")`, `t("{name} is typing", { name })`, `tn("{n} new", "{n} new", n)`. First arguments are literals in double
// quotes: the catalogues find them by that. `noted("Here")` only marks what `t` words where it is shown.
//
// The page holds the catalogue as JSON in #words, the service worker in TWOWAY.words (twoway/desk/script_words.py).

let catalogue;

function said() {
  catalogue ??= globalThis.TWOWAY?.words ?? JSON.parse(globalThis.document?.getElementById("words")?.textContent ?? "{}");
  return catalogue;
}

/** Which form a number takes: by the language's table, of which what is past 199 repeats the last hundred. */
function formOf(n) {
  const { forms } = said();
  const whole = Math.abs(Math.trunc(n));
  return forms ? Number(forms[whole < 200 ? whole : 100 + (whole % 100)]) : whole === 1 ? 0 : 1;
}

const filled = (words, values) => words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/** A sentence in the reader's language, its {names} replaced. */
export function t(words, values = {}) {
  const told = said().words?.[words] ?? words;
  return filled(Array.isArray(told) ? told[formOf(1)] : told, values);
}

/** One that counts: by the language's own rule which form. {n} is the number. */
export function tn(one, many, n, values = {}) {
  const forms = said().words?.[one];
  const words = Array.isArray(forms) ? (forms[formOf(n)] ?? forms.at(-1)) : n === 1 ? one : many;
  return filled(words, { n, ...values });
}

/** The words as they are, marked for the catalogues. */
export const noted = (words) => words;
