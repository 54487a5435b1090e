/** What an engine writes to its log: rows that resemble one another, with keys and tokens that do not. */
import { open } from 'node:fs/promises';

const tables = ['orders', 'order_lines', 'customers', 'stock', 'payments', 'shipments'];
const states = ['new', 'paid', 'packed', 'shipped', 'returned'];
const words = 'deliver to the side door and ring twice or leave it with a neighbour please'.split(
  ' ',
);
const FIRST_MS = 1_700_000_000_000;

/** Endless; the same for the same seed. */
export function* recordsOf(seed: number): Generator<Buffer, never> {
  const random = new Seeded(seed);
  for (let sequence = 0; ; sequence += 1) yield Buffer.from(rowOf(random, sequence));
}

function rowOf(random: Seeded, sequence: number): string {
  const pick = (from: readonly string[]): string => from[random.below(from.length)] ?? '';
  return JSON.stringify({
    at: FIRST_MS + sequence * 3 + random.below(3),
    op: random.below(4) === 0 ? 'insert' : 'update',
    table: pick(tables),
    id: random.below(1_000_000),
    customer: random.below(50_000),
    status: pick(states),
    amount: random.below(100_000) / 100,
    note: Array.from({ length: random.below(12) }, () => pick(words)).join(' '),
    token: random.hex(24),
  });
}

const PIECE_BYTES = 1024 * 1024;

/** A file of so many bytes of rows, the last of which may be cut; the same for the same seed. */
export async function writeRows(path: string, bytes: number, seed: number): Promise<void> {
  const rows = recordsOf(seed);
  const file = await open(path, 'wx');
  try {
    for (let left = bytes; left > 0;) {
      const piece = pieceOf(rows, Math.min(left, PIECE_BYTES));
      await file.write(piece);
      left -= piece.length;
    }
  } finally {
    await file.close();
  }
}

function pieceOf(rows: Generator<Buffer, never>, bytes: number): Buffer {
  const pieces: Buffer[] = [];
  for (let size = 0; size < bytes; size += pieces.at(-1)?.length ?? 0) {
    pieces.push(rows.next().value);
  }
  return Buffer.concat(pieces).subarray(0, bytes);
}

const TABLES = 32;
const COLUMNS = 10;
const columnWords =
  'account address amount balance batch carrier city code country currency customer date discount due invoice item label line name note number order parcel phone price quantity rate reason region session shift status street supplier tax token total unit user value warehouse weight'.split(
    ' ',
  );

interface TableOf {
  readonly name: string;
  readonly columns: readonly string[];
}

/**
 * What an engine with many tables writes: short segments of it never say a column's name often. Endless; the same
 * for the same seed. The tables are the same for every seed.
 */
export function* tableRowsOf(seed: number): Generator<Buffer, never> {
  const tables = tablesOf(new Seeded(7));
  const random = new Seeded(seed);
  for (let sequence = 0; ; sequence += 1) {
    const table = tables[random.below(TABLES)];
    if (table !== undefined) yield Buffer.from(rowOfTable(random, table, sequence));
  }
}

function tablesOf(random: Seeded): TableOf[] {
  const pick = (): string => columnWords[random.below(columnWords.length)] ?? '';
  return Array.from({ length: TABLES }, () => ({
    name: `${pick()}_${pick()}`,
    columns: Array.from({ length: COLUMNS }, () => `${pick()}_${pick()}`),
  }));
}

function rowOfTable(random: Seeded, { name, columns }: TableOf, sequence: number): string {
  const values = columns.map((column, at) => [column, random.below(10 ** (1 + (at % 5)))]);
  return JSON.stringify({ sequence, op: 'update', table: name, ...Object.fromEntries(values) });
}

const PAGE_BYTES = 4096;
/** They hardly compress, and so set the ratio. */
const TOKEN_DIGITS = 128;
const ROW = "update orders set status = 'paid', paid_at = now() where id = ";

/**
 * WAL that compresses some fifty times, as that of the original design's measurement did: pages of one row that is
 * repeated, a few bytes of each page new; the same for the same seed.
 */
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

/** Pseudo-random numbers, the same for the same seed (mulberry32). */
export class Seeded {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 up to the limit, and without it; the limit is at most 2^32. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  /** So many hexadecimal digits, which zstd can only halve. */
  hex(digits: number): string {
    let text = '';
    while (text.length < digits)
      text += this.below(2 ** 32)
        .toString(16)
        .padStart(8, '0');
    return text.slice(0, digits);
  }
}
