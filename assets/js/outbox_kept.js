// What was sent and not yet answered, kept on this device until it is: a closed window loses nothing. Another window takes
// over only what belongs to nobody any more; the key of a text makes sure it is sent once, whoever sends it.

const PREFIX = "twoway.outbox.";
const MOST = 50;
const tab = crypto.getRandomValues(new Uint32Array(2)).join("-");
const owner = () => document.documentElement.dataset.owner ?? "";

const names = () => Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));

/** Keep it; whether this device could. */
export function put(item) {
  try {
    if (!owner() || names().length >= MOST) return false;
    localStorage.setItem(PREFIX + item.key, JSON.stringify({ ...item, tab, owner: owner() }));
    return true;
  } catch {
    return false;
  }
}

export function drop(key) {
  try {
    localStorage.removeItem(PREFIX + key);
  } catch {
    // There is no store, so there is nothing in it.
  }
}

export function has(key) {
  try {
    return localStorage.getItem(PREFIX + key) !== null;
  } catch {
    return false;
  }
}

function read(name) {
  try {
    const item = JSON.parse(localStorage.getItem(name));
    return item?.key && item.owner === owner() && /^\/c\/\d+\/$/.test(item.url) ? item : null;
  } catch {
    return null;
  }
}

/** Say that this window is there, for as long as it is. */
export function hold() {
  navigator.locks?.request(`twoway-tab-${tab}`, () => new Promise(() => {}));
}

/** Take over what windows that are gone left behind, oldest first. */
export async function adopt() {
  const found = [];
  for (const name of navigator.locks ? names() : []) {
    const item = read(name);
    if (!item || item.tab === tab) continue;
    await navigator.locks.request(`twoway-tab-${item.tab}`, { ifAvailable: true }, (lock) => {
      if (lock && read(name)?.tab === item.tab && put(item)) found.push(item);
    });
  }
  return found.sort((one, other) => one.since - other.since);
}
