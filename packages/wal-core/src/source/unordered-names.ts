/** Recognises names that no single number orders, so that no pattern can. */

/** `2026-11-30` and `30.11.2026`: three numbers, of which a pattern could use only one. */
const separatedDate =
  /(?<!\d)(?:(?:19|20)\d{2}[-._]\d{2}[-._]\d{2}|\d{2}[-._]\d{2}[-._](?:19|20)\d{2})(?!\d)/;

/** Why names such as this one cannot be ordered; undefined where they may be. */
export function whyUnordered(sample: string, isHashLike: boolean): string | undefined {
  if (separatedDate.test(sample)) return 'is a date of several numbers';
  if (isHashLike) return 'appears to be a hash';
  return undefined;
}

/** A number with at least this many hexadecimal digits is a checksum or an identifier, not a counter. */
const HASH_DIGITS_MIN = 32;
const WIDE_DIGITS_MIN = 8;

/**
 * A counter with this many digits begins with zeros or with its current value. Its names share their first digit, or
 * have two first digits where it has just changed.
 */
export function isHash(width: number, firstDigits: ReadonlySet<string>): boolean {
  if (width >= HASH_DIGITS_MIN) return true;
  if (width < WIDE_DIGITS_MIN) return false;
  return firstDigits.size > 2 || (firstDigits.size === 2 && !firstDigits.has('0'));
}
