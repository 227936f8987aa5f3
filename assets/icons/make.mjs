// The app's icons as PNG, drawn from logo.svg: its two shapes are lines and arcs of circles, which is all this reads.
// Run by `npm run build`.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { deflateSync } from "node:zlib";

const LOGO = new URL("../../twoway/desk/static/desk/logo.svg", import.meta.url);
const OUT = new URL("../../twoway/desk/static/desk/build/icons/", import.meta.url);
const VIEW = 24;
const FINE = 4; // samples a pixel, in each direction
const ICONS = [
  { name: "any-192", size: 192, fills: 0.86 },
  { name: "any-512", size: 512, fills: 0.86 },
  { name: "maskable-512", size: 512, fills: 0.62, ground: "#ffffff" },
  { name: "apple-180", size: 180, fills: 0.7, ground: "#ffffff" },
  { name: "badge-96", size: 96, fills: 0.9, ink: "#ffffff" },
];

/** The points of a path made of M m h H v V a A z, arcs in steps. */
function points(path) {
  const parts = path.match(/[a-zA-Z]|-?\d*\.?\d+/g);
  const found = [];
  let [x, y, at, verb] = [0, 0, 0, ""];
  const next = () => Number(parts[at++]);
  while (at < parts.length) {
    if (/[a-zA-Z]/.test(parts[at])) verb = parts[at++];
    if (verb === "M") [x, y] = [next(), next()];
    else if (verb === "h") x += next();
    else if (verb === "H") x = next();
    else if (verb === "v") y += next();
    else if (verb === "V") y = next();
    else if (verb === "a") [x, y] = arc(found, x, y, next(), next(), next(), next(), next(), next(), next());
    else if (verb === "z") continue;
    else throw new Error(`logo.svg uses ${verb}, which this script doesn't read`);
    found.push([x, y]);
  }
  return found;
}

/** An arc of a circle from (x, y) by (dx, dy); SVG 1.1, appendix F.6.5, for a circle. */
function arc(found, x, y, rx, ry, turn, large, sweep, dx, dy) {
  if (rx !== ry || turn) throw new Error("logo.svg has an arc that is not of a circle");
  const [half, far] = [Math.hypot(dx, dy) / 2, Math.max(rx, Math.hypot(dx, dy) / 2)];
  const side = (large === sweep ? -1 : 1) * Math.sqrt(Math.max(0, far * far - half * half));
  const [cx, cy] = [x + dx / 2 - (side * dy) / (2 * half), y + dy / 2 + (side * dx) / (2 * half)];
  const begins = Math.atan2(y - cy, x - cx);
  let turned = Math.atan2(y + dy - cy, x + dx - cx) - begins;
  if (sweep && turned < 0) turned += 2 * Math.PI;
  if (!sweep && turned > 0) turned -= 2 * Math.PI;
  for (let step = 1; step < 24; step += 1) found.push([cx + far * Math.cos(begins + (turned * step) / 24), cy + far * Math.sin(begins + (turned * step) / 24)]);
  return [x + dx, y + dy];
}

/** Where a shape begins and ends on one line, in pairs. */
function crossings(shape, y) {
  const found = [];
  for (let at = 0; at < shape.length; at += 1) {
    const [[x1, y1], [x2, y2]] = [shape[at], shape[(at + 1) % shape.length]];
    if (y1 <= y !== y2 <= y) found.push(x1 + ((y - y1) / (y2 - y1)) * (x2 - x1));
  }
  return found.sort((one, other) => one - other);
}

const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

function drawn(shapes, { size, fills, ground, ink }) {
  const pixels = Buffer.alloc(size * size * 4);
  if (ground) for (let at = 0; at < pixels.length; at += 4) pixels.set([...rgb(ground), 255], at);
  const [scale, edge] = [(VIEW / size) / fills, (VIEW - VIEW / fills) / 2];
  for (const { shape, fill } of shapes) {
    for (let row = 0; row < size; row += 1) {
      const cover = new Float64Array(size);
      for (let fine = 0; fine < FINE; fine += 1) {
        const found = crossings(shape, (row + (fine + 0.5) / FINE) * scale + edge).map((x) => (x - edge) / scale);
        for (let at = 0; at + 1 < found.length; at += 2)
          for (let x = Math.max(0, Math.floor(found[at])); x < Math.min(size, Math.ceil(found[at + 1])); x += 1)
            cover[x] += Math.max(0, Math.min(x + 1, found[at + 1]) - Math.max(x, found[at])) / FINE;
      }
      cover.forEach((share, x) => share && blend(pixels, (row * size + x) * 4, rgb(ink ?? fill), Math.min(1, share)));
    }
  }
  return pixels;
}

function blend(pixels, at, colour, share) {
  const below = pixels[at + 3] / 255;
  const whole = share + below * (1 - share);
  for (let one = 0; one < 3; one += 1) pixels[at + one] = Math.round((colour[one] * share + pixels[at + one] * below * (1 - share)) / whole);
  pixels[at + 3] = Math.round(whole * 255);
}

// PNG (RFC 2083): 8 bits, with transparency, no filter.
const TABLE = Array.from({ length: 256 }, (_, n) => [...Array(8)].reduce((c) => (c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1), n));
const crc = (data) => (data.reduce((c, byte) => TABLE[(c ^ byte) & 255] ^ (c >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc(body), body.length + 4);
  return framed;
}

function png(pixels, size) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 6, 0, 0, 0], 8);
  const lines = Buffer.concat([...Array(size).keys()].flatMap((row) => [Buffer.from([0]), pixels.subarray(row * size * 4, (row + 1) * size * 4)]));
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk("IHDR", head), chunk("IDAT", deflateSync(lines, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

const shapes = [...readFileSync(LOGO, "utf8").matchAll(/<path fill="(#[0-9a-f]{6})" d="([^"]+)"/g)].map(([, fill, path]) => ({ fill, shape: points(path) }));
if (shapes.length !== 2) throw new Error("logo.svg should have two shapes");
mkdirSync(OUT, { recursive: true });
for (const icon of ICONS) writeFileSync(new URL(`${icon.name}.png`, OUT), png(drawn(shapes, icon), icon.size));
