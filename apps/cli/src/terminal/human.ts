/** Quantities as text. MB is 10^6 bytes; `--json` prints plain numbers. */

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `999 B`, `16.8 MB`, `1.07 GB`: three digits. */
export function showBytes(bytes: number): string {
  const power = powerOf(bytes);
  const value = bytes / 1000 ** power;
  return `${power === 0 ? bytes : threeDigits(value)} ${byteUnits[power]}`;
}

/** Writes each size in the unit and with the decimals of the largest: `16.8 MB`, and next to it `0.4 MB`. */
export function bytesAlike(values: readonly number[]): (bytes: number) => string {
  const largest = values.reduce((most, one) => Math.max(most, one), 0);
  const power = powerOf(largest);
  const decimals = power === 0 ? 0 : decimalsOf(largest / 1000 ** power);
  return (bytes) => `${(bytes / 1000 ** power).toFixed(decimals)} ${byteUnits[power]}`;
}

export const showThroughput = (megabytesPerSecond: number): string =>
  `${threeDigits(megabytesPerSecond)} MB/s`;

const powerOf = (bytes: number): number =>
  Math.min(byteUnits.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));

/** The ratio as `4.19×`; 0 means that nothing was compressed. */
export const showRatio = (ratio: number): string => (ratio > 0 ? `${ratio.toFixed(2)}×` : '–');

const threeDigits = (value: number): string => value.toFixed(decimalsOf(value));

const decimalsOf = (value: number): number => (value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2);

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `850 ms`, `12.3 s`, `4 min 5 s`, `3 h 12 min`, `2 d 4 h`: the two largest parts. */
export function showDuration(durationMs: number): string {
  if (durationMs < SECOND_MS) return `${Math.round(durationMs)} ms`;
  if (durationMs < MINUTE_MS) return `${(durationMs / SECOND_MS).toFixed(1)} s`;
  if (durationMs < HOUR_MS) return inParts(durationMs, [MINUTE_MS, 'min'], [SECOND_MS, 's']);
  if (durationMs < DAY_MS) return inParts(durationMs, [HOUR_MS, 'h'], [MINUTE_MS, 'min']);
  return inParts(durationMs, [DAY_MS, 'd'], [HOUR_MS, 'h']);
}

type Part = readonly [unitMs: number, name: string];

function inParts(durationMs: number, [largeMs, large]: Part, [smallMs, small]: Part): string {
  const rest = Math.floor((durationMs % largeMs) / smallMs);
  return `${Math.floor(durationMs / largeMs)} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`;
}

/** As `showDuration`; `–` for no age. */
export const showAge = (ageMs: number | null): string =>
  ageMs === null ? '–' : showDuration(ageMs);

/** `1 segment`, `78 segments`. */
export const showCount = (count: number, noun: string): string =>
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
