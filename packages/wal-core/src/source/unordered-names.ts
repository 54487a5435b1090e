/** Names that have numbers and are in no order by one of them, so that no pattern can put them in order. */

/** `2026-11-30` and `30.11.2026`: three numbers, of which a pattern could take one. */
const separatedDate =
  /(?<!\d)(?:(?:19|20)\d{2}[-._]\d{2}[-._]\d{2}|\d{2}[-._]\d{2}[-._](?:19|20)\d{2})(?!\d)/;

/** Why names such as this one are in no order; undefined where they may be in one. */
export function whyUnordered(sample: string, looksHashed: boolean): string | undefined {
  if (separatedDate.test(sample)) return 'is a date of several numbers';
  if (looksHashed) return 'looks like a hash';
  return undefined;
}

/** From as many hexadecimal digits on, a number is a checksum or an identifier, and no counter. */
const HASH_DIGITS_MIN = 32;
const WIDE_DIGITS_MIN = 8;

/**
 * A counter with as many digits begins with zeros, or with what it has counted up to: its names share their first
 * digit, or have two where it has just changed.
 */
export function looksLikeHash(width: number, firstDigits: ReadonlySet<string>): boolean {
  if (width >= HASH_DIGITS_MIN) return true;
  if (width < WIDE_DIGITS_MIN) return false;
  return firstDigits.size > 2 || (firstDigits.size === 2 && !firstDigits.has('0'));
}
