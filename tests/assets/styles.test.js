// What makes a browser look at every element again when one pane is replaced: an any-sibling such as `legend + *`.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const folder = new URL("../../assets/css/", import.meta.url);

for (const name of readdirSync(folder).filter((one) => one.endsWith(".css"))) {
  test(`${name}: what follows + and ~ has a name`, () => {
    const css = readFileSync(new URL(name, folder), "utf8").replace(/\/\*.*?\*\//gs, "");
    const found = css.split("\n").filter((line) => /[+~]\s+\*/.test(line));
    assert.deepEqual(found, []);
  });
}
