import { catalogue, type FailureCode } from './catalogue.ts';

/**
 * What to do about a failure of a segment: the catalogue's hint with the names in their places, so that its
 * commands can be copied. By today's catalogue, whatever an older record says.
 */
export const adviceOn = (code: FailureCode, source: string, segment: string): string =>
  catalogue[code].hint
    .replaceAll(/\bSOURCE\b/g, () => source)
    .replaceAll(/\bSEGMENT\b/g, () => shellWord(segment));

/** A text as one word of a command for a POSIX shell. */
export const shellWord = (text: string): string =>
  /^[\w.%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
