/** WAL that compresses some fifty times, as that of the original design's measurement did. */
import { Seeded } from './seeded.ts';

const PAGE_BYTES = 4096;
/** They hardly compress, and so set the ratio. */
const TOKEN_DIGITS = 128;
const ROW = "update orders set status = 'paid', paid_at = now() where id = ";

/** Pages of one row that is repeated, a few bytes of each page new; the same for the same seed. */
export function compressibleWal(seed: number, bytes: number): Buffer {
  const random = new Seeded(seed);
  const wal = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at += PAGE_BYTES) {
    const row = `${ROW}${random.below(1_000_000)}; `;
    wal.fill(row, at, Math.min(bytes, at + PAGE_BYTES));
    wal.write(random.hex(TOKEN_DIGITS), at, 'latin1');
  }
  return wal;
}
