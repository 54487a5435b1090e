/** Percent-encoding of a segment's name for use as one file name: injective, and never `.` or `..`. */

const plain = /^[A-Za-z0-9_-]$/;
/** A name that stands for itself, as most do. */
const allPlain = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

/** Letters, digits, `_` and `-` stand for themselves, and `.` except at the start; the rest is `%XX`. */
export function encodeName(name: string): string {
  if (allPlain.test(name)) return name;
  let encoded = '';
  for (const [index, byte] of Buffer.from(name, 'utf8').entries()) {
    const character = String.fromCharCode(byte);
    const stays = plain.test(character) || (character === '.' && index > 0);
    encoded += stays ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** The name that `encodeName` made this of; undefined for a text that it never makes. */
export function decodeName(encoded: string): string | undefined {
  if (allPlain.test(encoded)) return encoded;
  const bytes: number[] = [];
  for (let at = 0; at < encoded.length; at += 1) {
    if (encoded[at] === '%') {
      bytes.push(Number.parseInt(encoded.slice(at + 1, at + 3), 16));
      at += 2;
    } else bytes.push(encoded.charCodeAt(at));
  }
  const name = Buffer.from(bytes).toString('utf8');
  return encodeName(name) === encoded ? name : undefined;
}
