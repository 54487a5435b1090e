import { createHash } from 'node:crypto';

/** SHA-256 as 64 hex digits; of text, that of its UTF-8. */
export const sha256Of = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');

/** A short name for a longer text, such as a URL, for a file or directory. */
export const shortHash = (text: string, digits = 32): string => sha256Of(text).slice(0, digits);
