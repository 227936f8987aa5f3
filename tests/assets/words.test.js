// Words of scripts in the reader's language: from the page's catalogue, else in English.

import assert from "node:assert/strict";
import { test } from "node:test";

let made = 0;

/** The module anew, with this catalogue. */
async function speaking(words) {
  globalThis.TWOWAY = words && { words };
  const found = await import(`../../assets/js/words.js?${(made += 1)}`);
  found.t("");
  delete globalThis.TWOWAY;
  return found;
}

test("English needs no catalogue", async () => {
  const { t, tn } = await speaking(null);
  assert.equal(t("{name} is typing", { name: "Ana" }), "Ana is typing");
  assert.equal(t("{nobody} stays"), "{nobody} stays");
  assert.deepEqual([0, 1, 2].map((n) => tn("{n} text", "{n} texts", n)), ["0 texts", "1 text", "2 texts"]);
});

test("two forms, as in Spanish", async () => {
  const { t, tn } = await speaking({ words: { Undo: "Deshacer", "{n} text": ["{n} mensaje", "{n} mensajes"] } });
  assert.equal(t("Undo"), "Deshacer");
  assert.equal(t("Redo"), "Redo");
  assert.deepEqual([0, 1, 2].map((n) => tn("{n} text", "{n} texts", n)), ["0 mensajes", "1 mensaje", "2 mensajes"]);
  assert.equal(t("{n} text", { n: 1 }), "1 mensaje");
});

test("three forms by the language's table, past its end too", async () => {
  const rule = (n) => (n % 10 === 1 && n % 100 !== 11 ? 0 : n % 10 >= 2 && n % 10 <= 4 && (n % 100 < 10 || n % 100 >= 20) ? 1 : 2);
  const forms = Array.from({ length: 200 }, (_, n) => rule(n)).join("");
  const { tn } = await speaking({ words: { "{n} text": ["a", "b", "c"] }, forms });
  for (const n of [0, 1, 2, 5, 11, 12, 21, 101, 111, 199, 200, 211, 1001, 1011, 5022]) {
    assert.equal(tn("{n} text", "{n} texts", n), "abc"[rule(n)], String(n));
  }
});
