import { createCipheriv, createHash } from 'node:crypto';

const PIECE_BYTES = 1 << 20;

/**
 * Content that compresses to about half, the same for the same seed: a keystream in hexadecimal.
 */
export function* segmentContent(seed: string, bytes: number): Generator<Buffer> {
  const key = createHash('sha256').update(seed).digest();
  const keystream = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  const zeros = Buffer.alloc(PIECE_BYTES / 2);
  for (let left = bytes; left > 0; left -= PIECE_BYTES) {
    const piece = Buffer.from(keystream.update(zeros).toString('hex'), 'latin1');
    yield left < PIECE_BYTES ? piece.subarray(0, left) : piece;
  }
}
