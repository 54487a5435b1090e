/**
 * Text that comes from elsewhere, made safe to print: it cannot move the cursor, colour the screen or forge a line.
 * A door of its own, because it is also needed where nothing else of this package is loaded.
 */

// oxlint-disable-next-line no-control-regex -- control characters are what this is about
const UNSAFE = /[\u0000-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]/g;

/** A text of one line: characters that a terminal would act on are shown as codes. */
export const printable = (text: string): string => text.replaceAll(UNSAFE, codeOf);

/** As `printable`, for a text of several lines. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');

/** As `printableLines`, for lines of JSON, which means the same afterwards. */
export const printableJson = (lines: string): string =>
  lines
    .split('\n')
    .map((line) => line.replaceAll(UNSAFE, unicodeOf))
    .join('\n');

const codeOf = (character: string): string => {
  const code = character.charCodeAt(0).toString(16);
  return code.length > 2 ? unicodeOf(character) : `\\x${code.padStart(2, '0')}`;
};

const unicodeOf = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
