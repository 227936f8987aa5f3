// How a text is encoded and how many parts it costs: the same rules as twoway/sms/segments.py, for the live meter.
// Source of the alphabet: 3GPP TS 23.038, default alphabet and its extension table.

import { PLAINER } from "./plainer.js";

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENSION = new Set("\f^{}\\[~]|€");
const CONTROL = /[\x00-\x08\x0b\x0e-\x1f\x7f]/g;
const LONE_HALF = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** The text as it will be sent: NFC, tabs as spaces, no control characters but LF, CR and FF, no half characters. */
export function prepare(text) {
  return text.replace(LONE_HALF, "\uFFFD").replaceAll("\t", " ").replace(CONTROL, "").normalize("NFC");
}

/**
 * Encoding, units (septets or 16-bit units) and parts of a text exactly as given.
 * One part holds 160 or 70; each of many 153 or 67, or 152 or 66 from a US or Canadian toll-free number. A character
 * is never cut in two: one that does not fit opens the next part.
 */
export function count(text, { tollFree = false } = {}) {
  const gsm = costs(text, (char) => (BASIC.has(char) ? 1 : EXTENSION.has(char) ? 2 : 0));
  const isGsm = !gsm.includes(0);
  const sizes = isGsm ? gsm : costs(text, (char) => char.length);
  const single = isGsm ? 160 : 70;
  const limit = (isGsm ? 153 : 67) - (tollFree ? 1 : 0);
  const units = sizes.reduce((sum, size) => sum + size, 0);
  const perSegment = units <= single ? [units] : fill(sizes, limit);
  return {
    encoding: isGsm ? "GSM-7" : "UCS-2",
    units,
    segments: perSegment.length,
    perSegment,
    capacity: perSegment.length === 1 ? single : perSegment.length * limit,
  };
}

function costs(text, cost) {
  return Array.from(text, cost);
}

function fill(sizes, limit) {
  const parts = [0];
  for (const size of sizes) {
    if (parts.at(-1) + size > limit) parts.push(0);
    parts[parts.length - 1] += size;
  }
  return parts;
}

const isGsm = (char) => BASIC.has(char) || EXTENSION.has(char);

/** The text with every character that has a plainer equal replaced, whatever comes out of it. */
export function plainText(text) {
  return Array.from(prepare(text), (char) => (isGsm(char) ? char : (PLAINER.get(char) ?? char))).join("");
}

/** The same text in plainer characters, when that makes it GSM-7 and saves at least one part; otherwise null. */
export function suggestion(text, options) {
  const before = count(text, options);
  if (before.encoding === "GSM-7" || before.segments === 1) return null;
  const plain = plainText(text);
  const after = count(plain, options);
  return after.encoding === "GSM-7" && after.segments < before.segments ? plain : null;
}

/** The text cut where plainer characters would change it, as [before, after] of each stretch. */
export function pieces(text) {
  const found = [];
  for (const char of prepare(text)) {
    const after = isGsm(char) ? char : (PLAINER.get(char) ?? char);
    const last = found.at(-1);
    if (last && (last[0] !== last[1]) === (char !== after)) {
      last[0] += char;
      last[1] += after;
    } else found.push([char, after]);
  }
  return found;
}

/** What the text would cost in plainer characters and without those, such as emoji, that have no plainer equal. */
export function withoutCostly(text, options) {
  return count(Array.from(plainText(text)).filter(isGsm).join(""), options);
}

/** The characters that force Unicode, each once, in order. */
export const costly = (text) => [...new Set(Array.from(text).filter((char) => !isGsm(char)))];
