// The live meter counts as the server does: every vector, and the text as it will be sent.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { count, prepare } from "../../assets/js/segments.js";

const vectors = JSON.parse(readFileSync(new URL("../../tests/vectors/segments.json", import.meta.url), "utf8"));

test("there are seventy vectors", () => assert.equal(vectors.length, 70));

for (const { name, text, encoding, units, segments, per_segment: perSegment } of vectors) {
  test(`counts ${name}`, () => {
    const got = count(text);
    assert.deepEqual(
      { encoding: got.encoding, units: got.units, segments: got.segments, perSegment: got.perSegment },
      { encoding, units, segments, perSegment },
    );
  });
}

test("what the segments hold grows with them", () => {
  assert.equal(count("a").capacity, 160);
  assert.equal(count("a".repeat(161)).capacity, 306);
  assert.equal(count("ж").capacity, 70);
  assert.equal(count("ж".repeat(135)).capacity, 201);
});

test("a toll-free part is one unit smaller", () => {
  assert.deepEqual(count("a".repeat(305), { tollFree: true }).perSegment, [152, 152, 1]);
  assert.deepEqual(count("ж".repeat(133), { tollFree: true }).perSegment, [66, 66, 1]);
  assert.equal(count("a".repeat(160), { tollFree: true }).segments, 1);
});

test("a text is counted as it will be sent", () => {
  assert.equal(count(prepare("cafe\u0301")).encoding, "GSM-7");
  assert.equal(prepare("a\tb\u0000c\u007f"), "a bc");
  assert.equal(prepare("line\r\nfeed\f"), "line\r\nfeed\f");
  assert.equal(prepare("half \uD83D!"), "half \uFFFD!");
  assert.equal(prepare("whole \u{1F600}"), "whole \u{1F600}");
});
