// Short sounds made here by the browser itself: a few tones with a soft beginning and end. No file is loaded.

const TONES = {
  drop: [{ at: 0, pitch: 880, to: 587, long: 0.16 }],
  chime: [
    { at: 0, pitch: 659, long: 0.32 },
    { at: 0.13, pitch: 988, long: 0.42 },
  ],
  knock: [
    { at: 0, pitch: 196, to: 98, long: 0.09, shape: "triangle" },
    { at: 0.14, pitch: 196, to: 98, long: 0.09, shape: "triangle" },
  ],
  bell: [
    { at: 0, pitch: 1175, long: 0.7 },
    { at: 0, pitch: 2794, long: 0.35, share: 0.3 },
  ],
};
let context = null;

/** Play one of the sounds at a volume of 0 to 100; resolves to whether the browser lets it be heard. */
export async function play(name, volume) {
  if (!volume || !window.AudioContext) return false;
  context ??= new AudioContext();
  if (context.state === "suspended") await Promise.race([context.resume(), new Promise((done) => setTimeout(done, 300))]);
  if (context.state !== "running") return false;
  for (const tone of TONES[name] ?? TONES.drop) sound(tone, (volume / 100) * 0.4);
  return true;
}

function sound({ at, pitch, to = pitch, long, shape = "sine", share = 1 }, loud) {
  const begins = context.currentTime + at;
  const [source, gain] = [context.createOscillator(), context.createGain()];
  source.type = shape;
  source.frequency.setValueAtTime(pitch, begins);
  source.frequency.exponentialRampToValueAtTime(to, begins + long);
  gain.gain.setValueAtTime(0.0001, begins);
  gain.gain.exponentialRampToValueAtTime(loud * share, begins + 0.012);
  gain.gain.exponentialRampToValueAtTime(0.0001, begins + long);
  source.connect(gain).connect(context.destination);
  source.start(begins);
  source.stop(begins + long + 0.05);
}
