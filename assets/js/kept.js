// Pages kept on this device for reading offline: encrypted with a key that can't be taken out of this browser, the newest
// few only, for a week, of one member only, and gone when they sign out. The page writes them, the service worker reads.

const MOST = 30;
const DAYS = 7;
const LONGEST = 1_500_000;
const NAME = "twoway-kept";
let opening = null;

function database() {
  opening ??= new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("pages", { keyPath: "path" });
      asked.result.createObjectStore("own");
    };
    asked.onsuccess = () => {
      asked.result.onversionchange = () => (asked.result.close(), (opening = null));
      done(asked.result);
    };
    asked.onerror = () => ((opening = null), failed(asked.error));
  });
  return opening;
}

async function run(store, mode, work) {
  const place = (await database()).transaction(store, mode).objectStore(store);
  const asked = work(place);
  return new Promise((done, failed) => {
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

async function key({ make = false } = {}) {
  const found = await run("own", "readonly", (own) => own.get("key"));
  if (found || !make) return found;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  await run("own", "readwrite", (own) => own.put(made, "key"));
  return made;
}

/** Whose pages are kept here, or undefined. */
export const owner = () => run("own", "readonly", (own) => own.get("owner"));

/** Keep a page of this member as it is; one of somebody else's takes everything of theirs away first. */
export async function keep(path, html, { by, title }) {
  if (html.length > LONGEST) return;
  const before = await owner();
  if (before && before !== by) await forget();
  await run("own", "readwrite", (own) => own.put(by, "owner"));
  const salt = crypto.getRandomValues(new Uint8Array(12));
  const plain = new TextEncoder().encode(JSON.stringify({ html, title }));
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv: salt }, await key({ make: true }), plain);
  await run("pages", "readwrite", (pages) => pages.put({ path, at: Date.now(), salt, data }));
  await prune();
}

/** The page and when it was kept, or null. */
export async function read(path) {
  const row = await run("pages", "readonly", (pages) => pages.get(path));
  const own = await key();
  if (!row || !own || isOld(row)) return null;
  try {
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: row.salt }, own, row.data);
    return { ...JSON.parse(new TextDecoder().decode(plain)), path, at: row.at };
  } catch {
    return null;
  }
}

/** Paths of what is kept, newest first. */
export async function paths() {
  const rows = await run("pages", "readonly", (pages) => pages.getAll());
  return rows.filter((row) => !isOld(row)).sort((one, other) => other.at - one.at).map((row) => row.path);
}

const isOld = (row) => Date.now() - row.at > DAYS * 86_400_000;

/** Let go of what is too old, or too many. */
export async function prune() {
  const rows = (await run("pages", "readonly", (pages) => pages.getAll())).sort((one, other) => other.at - one.at);
  const gone = rows.filter((row, at) => at >= MOST || isOld(row));
  for (const row of gone) await run("pages", "readwrite", (pages) => pages.delete(row.path));
}

/** Take everything away, the key too. */
export async function forget() {
  await run("pages", "readwrite", (pages) => pages.clear());
  await run("own", "readwrite", (own) => own.clear());
}
