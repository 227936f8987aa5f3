// Which saved replies stand in the text of each conversation, and the blanks they brought: until it is sent.

const kept = new Map();
const of = (id) => kept.get(id) ?? { used: new Set(), blanks: new Set() };

/** A reply was put in: "12:a", with the names of its blanks. */
export function add(id, used, blanks = []) {
  const mine = of(id);
  mine.used.add(used);
  for (const name of blanks) mine.blanks.add(name);
  kept.set(id, mine);
}

/** The names of the blanks that were brought. */
export const blanks = (id) => [...of(id).blanks];

/** It is being sent: what stood in it, as the form says it. */
export function take(id) {
  const told = [...of(id).used].join(",");
  kept.get(id)?.used.clear();
  return told;
}

/** It was not sent after all. */
export function giveBack(id, told = "") {
  for (const used of told.split(",").filter(Boolean)) add(id, used);
}
