/** What an engine writes to its log: rows that resemble one another, with keys and tokens that do not. */
import { Seeded } from './seeded.ts';

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
