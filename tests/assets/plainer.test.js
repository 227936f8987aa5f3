// Plainer characters: the browser suggests what the server would, from the same table.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { costly, count, pieces, plainText, suggestion, withoutCostly } from "../../assets/js/segments.js";

const vectors = JSON.parse(readFileSync(new URL("../../tests/vectors/plainer.json", import.meta.url), "utf8"));
const brief = ({ encoding, units, segments }) => [encoding, units, segments];

test("there are vectors with and without a suggestion", () => {
  assert.ok(vectors.filter((one) => one.suggestion !== null).length >= 8);
  assert.ok(vectors.filter((one) => one.suggestion === null).length >= 8);
});

for (const vector of vectors) {
  test(`makes ${JSON.stringify(vector.text.slice(0, 12))} plainer`, () => {
    assert.equal(plainText(vector.text), vector.plain);
    assert.equal(suggestion(vector.text), vector.suggestion);
    assert.deepEqual(pieces(vector.text), vector.pieces);
    assert.deepEqual(brief(withoutCostly(vector.text)), vector.without);
    assert.deepEqual(brief(withoutCostly(vector.text, { tollFree: true })), vector.without_toll_free);
  });
}

test("a suggestion is GSM-7 and shorter to send", () => {
  for (const { text, suggestion: plain } of vectors.filter((one) => one.suggestion !== null)) {
    assert.equal(count(plain).encoding, "GSM-7");
    assert.ok(count(plain).segments < count(text).segments);
  }
});

test("what forces Unicode is named once each", () => {
  assert.deepEqual(costly("“It’s ’ok’” 😀"), ["“", "’", "”", "😀"]);
  assert.deepEqual(costly("plain €"), []);
});
