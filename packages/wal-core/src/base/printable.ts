/**
 * Makes text from outside safe to print: it cannot move the cursor, colour the screen, forge a line or reorder its
 * letters. It is an entry point of its own, because it is also used where nothing else of this package is loaded.
 */

/** Control and format characters (C0, DEL, C1, bidi, zero-width, tags), line separators, halves of a character. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Longer values are cut: more of one value does not help a reader. */
const CHARACTERS_MAX = 4_096;

/** A value within a line. Characters that a terminal would act on are shown as codes, and a long value is cut. */
export const printable = (text: string): string => printableLine(cut(text));

/** `printable` for a whole line of any length. */
export const printableLine = (text: string): string => text.replaceAll(UNSAFE, codeOf);

/** `printableLine` for a text of several lines. */
export const printableLines = (text: string): string =>
  text.split('\n').map(printableLine).join('\n');

/** `printableLines` for lines of JSON; the result parses to the same value. */
export const printableJson = (lines: string): string =>
  lines
    .split('\n')
    .map((line) => line.replaceAll(UNSAFE, unicodeOf))
    .join('\n');

const cut = (text: string): string =>
  text.length > CHARACTERS_MAX ? `${text.slice(0, CHARACTERS_MAX)}…` : text;

const codeOf = (character: string): string => {
  const code = character.charCodeAt(0).toString(16);
  return code.length > 2 ? unicodeOf(character) : `\\x${code.padStart(2, '0')}`;
};

/** By UTF-16 unit, as JSON writes characters. */
const unicodeOf = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('');
