/** Numbers as people read them; the same words as the command line's. */
const KILO = 1_000;
const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `16.8 MB`; MB = 10^6 bytes. */
export function showBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= KILO && unit < units.length - 1) {
    value /= KILO;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${units[unit]}`;
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

export const showAge = (ms: number | null): string =>
  ms === null ? '–' : showSeconds(Math.round(ms / 1_000));

/** When a thing ends that may never end, or of which nobody knows. */
export function showUntil(seconds: number | 'never' | null): string {
  if (seconds === null) return '–';
  if (seconds === 'never') return 'never';
  return seconds === 0 ? 'now' : showSeconds(Math.max(1, Math.round(seconds)));
}

export const showCount = (count: number, noun: string): string =>
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;

export const showNumber = (number: number): string => number.toLocaleString('en-US');

/** `11:32, 6 min ago`. */
export const showSince = (at: number, now: number): string =>
  `${showTime(at)}, ${showAge(Math.max(0, now - at))} ago`;

export const showTime = (at: number | string): string =>
  new Date(at).toLocaleString(undefined, { dateStyle: 'short', timeStyle: 'medium' });
