/** Two soft notes, made on the spot: no file, no request. */

/** Hertz, and seconds after the first. */
const NOTES = [
  [659.25, 0],
  [987.77, 0.11],
] as const;
const LOUDNESS = 0.05;
const FADE_IN_S = 0.015;
const LENGTH_S = 0.4;
/** An exponential curve never reaches zero. */
const SILENCE = 0.0001;

/** One for the page: browsers allow only so many. */
let context: AudioContext | undefined;

/** Only after the visitor did something on the page. Where there is no sound, or it is refused, nothing happens. */
export function playChime(): void {
  if (typeof AudioContext === 'undefined') return;
  context ??= new AudioContext();
  const audio = context;
  // A page that was in the background may have been put to sleep.
  audio.resume().then(
    () => {
      for (const [frequency, delay] of NOTES) playNote(audio, frequency, audio.currentTime + delay);
    },
    () => undefined,
  );
}

function playNote(audio: AudioContext, frequency: number, at: number): void {
  const tone = audio.createOscillator();
  const envelope = audio.createGain();
  tone.type = 'sine';
  tone.frequency.value = frequency;
  envelope.gain.setValueAtTime(SILENCE, at);
  envelope.gain.exponentialRampToValueAtTime(LOUDNESS, at + FADE_IN_S);
  envelope.gain.exponentialRampToValueAtTime(SILENCE, at + LENGTH_S);
  tone.connect(envelope).connect(audio.destination);
  tone.start(at);
  tone.stop(at + LENGTH_S);
}
