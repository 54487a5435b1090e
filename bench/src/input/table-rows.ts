/** What an engine with many tables writes: short segments of it never say a column's name often. */
import { Seeded } from './seeded.ts';

const TABLES = 32;
const COLUMNS = 10;
const words =
  'account address amount balance batch carrier city code country currency customer date discount due invoice item label line name note number order parcel phone price quantity rate reason region session shelf status street supplier tax token total unit user value warehouse weight'.split(
    ' ',
  );

interface TableOf {
  readonly name: string;
  readonly columns: readonly string[];
}

/** Endless; the same for the same seed. The tables are the same for every seed. */
export function* tableRowsOf(seed: number): Generator<Buffer, never> {
  const tables = tablesOf(new Seeded(7));
  const random = new Seeded(seed);
  for (let sequence = 0; ; sequence += 1) {
    const table = tables[random.below(TABLES)];
    if (table !== undefined) yield Buffer.from(rowOf(random, table, sequence));
  }
}

function tablesOf(random: Seeded): TableOf[] {
  const pick = (): string => words[random.below(words.length)] ?? '';
  return Array.from({ length: TABLES }, () => ({
    name: `${pick()}_${pick()}`,
    columns: Array.from({ length: COLUMNS }, () => `${pick()}_${pick()}`),
  }));
}

function rowOf(random: Seeded, { name, columns }: TableOf, sequence: number): string {
  const values = columns.map((column, at) => [column, random.below(10 ** (1 + (at % 5)))]);
  return JSON.stringify({ sequence, op: 'update', table: name, ...Object.fromEntries(values) });
}
