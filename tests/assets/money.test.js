// Prices in the meter read as the server's do: the same vectors, and how a text is priced.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { cost, money } from "../../assets/js/money.js";

const vectors = JSON.parse(readFileSync(new URL("../../tests/vectors/money.json", import.meta.url), "utf8"));
const MARKS = { USD: "$", EUR: "€", GBP: "£", CAD: "CA$" };

for (const { amount, currency, words } of vectors) {
  test(`says ${words}`, () => {
    const micros = Math.round(Number(amount) * 1_000_000);
    assert.equal(money(micros, MARKS[currency] ?? `${currency}\u00a0`), words);
  });
}

test("segments multiply, messages and files do not", () => {
  const form = { price: "8300", pricePer: "segment", priceMms: "22000", priceMark: "$" };
  assert.equal(cost(form, 3), 24900);
  assert.equal(cost({ ...form, pricePer: "message" }, 3), 8300);
  assert.equal(cost(form, 3, 2), 22000);
});

test("without a price there is none", () => {
  assert.equal(cost({}, 3), null);
  assert.equal(cost({ price: "0", pricePer: "segment", priceMms: "0" }, 2), 0, "nothing is a price too");
  assert.equal(cost({ price: "8300", pricePer: "segment", priceMms: "0" }, 1, 1), null);
});
