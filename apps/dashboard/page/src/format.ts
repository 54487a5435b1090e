/** Numbers in the formats that the command line also uses. */
const KILO = 1_000;
const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `16.8 MB`; MB = 10^6 bytes. */
export const showBytes = (bytes: number): string => bytesFormatFor([bytes])(bytes);

/** Shows all numbers in one unit, that of the largest of `all`, so that a reader can compare them. */
export function bytesFormatFor(all: readonly number[]): (bytes: number) => string {
  const unit = unitFor(Math.max(0, ...all));
  return (bytes) => {
    const value = bytes / KILO ** unit;
    const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
    return `${value.toFixed(digits)} ${units[unit]}`;
  };
}

function unitFor(bytes: number): number {
  let unit = 0;
  while (bytes >= KILO ** (unit + 1) && unit < units.length - 1) unit += 1;
  return unit;
}

/** Labels of equal distances: one unit and one number of decimals for all of them. */
export function bytesLabelFor(step: number, max: number): (bytes: number) => string {
  const unit = unitFor(max);
  const digits = Math.max(0, -Math.floor(Math.log10(step / KILO ** unit)));
  return (bytes) => `${(bytes / KILO ** unit).toFixed(digits)} ${units[unit]}`;
}

/** `0 s`, `45 s`, `12 min`, `3.5 h`, `2 d`. */
export function showSeconds(seconds: number): string {
  if (seconds < 0.01) return `${Number((seconds * 1_000).toFixed(1))} ms`;
  if (seconds < 0.9995) return `${Math.round(seconds * 1_000)} ms`;
  if (seconds < 90) return `${seconds < 10 ? Number(seconds.toFixed(1)) : Math.round(seconds)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129_600) return `${Number((seconds / 3_600).toFixed(1))} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** Shows all durations in milliseconds with equal decimals, for a column of a table. */
export function durationFormatFor(allMs: readonly number[]): (ms: number) => string {
  const isShort = Math.max(0, ...allMs) < 1_000;
  return (ms) => `${isShort ? ms.toFixed(1) : showNumber(Math.round(ms))} ms`;
}

export const showAge = (ms: number | null): string =>
  ms === null ? '–' : showSeconds(Math.round(ms / 1_000));

/** The time until something that may never happen (`never`), or is unknown (null). */
export function showUntil(seconds: number | 'never' | null): string {
  if (seconds === null) return '–';
  if (seconds === 'never') return 'never';
  return seconds === 0 ? 'now' : showSeconds(Math.max(1, Math.round(seconds)));
}

export const showCount = (count: number, noun: string): string =>
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;

export const showNumber = (number: number): string => number.toLocaleString('en-US');

/** `30 Nov 2026, 11:32:05, 6 min ago`. */
export const showSince = (at: number, now: number): string =>
  `${showTime(at)}, ${showAge(Math.max(0, now - at))} ago`;

const dateAndTime: Intl.DateTimeFormatOptions = {
  dateStyle: 'medium',
  timeStyle: 'medium',
  hourCycle: 'h23',
};

/** In the language of the page, with the month as a word: no reader takes the day for the month. */
export const showTime = (at: number | string): string =>
  new Date(at).toLocaleString('en-GB', dateAndTime);

/** `11:32`. */
export const showClock = (at: number): string =>
  new Date(at).toLocaleTimeString('en-GB', { timeStyle: 'short' });
