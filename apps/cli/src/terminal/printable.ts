/**
 * A text for a terminal. Segment names may hold any character: control characters would move the
 * cursor or forge lines, so they are shown as codes.
 */
export const printable = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  text.replaceAll(/[\u0000-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]/g, codeOf);

/** As `printable`, for a text of several lines. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');

const codeOf = (character: string): string => {
  const code = character.charCodeAt(0).toString(16);
  return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
};
