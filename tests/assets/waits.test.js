// The browser words waits as the server does (twoway/desk/words.py).

import assert from "node:assert/strict";
import { test } from "node:test";

import { spanWords } from "../../assets/js/waits.js";

const cases = [
  [-5, "now"],
  [0, "now"],
  [59, "now"],
  [60, "1m"],
  [3599, "59m"],
  [3600, "1h"],
  [86399, "23h"],
  [86400, "1d"],
  [200000, "2d"],
];

for (const [seconds, words] of cases) test(`${seconds} s is "${words}"`, () => assert.equal(spanWords(seconds), words));
