/** What an engine with many tables writes: rows that resemble one another, with values that do not. */
import { createHash } from 'node:crypto';

const TABLES = 24;
const COLUMNS = 8;

/** A hexadecimal text that is the same for the same seed. */
const noiseOf = (seed: string): string => createHash('sha256').update(seed).digest('hex');

/** So many bytes of rows of two dozen tables, the same for the same seed; a family has tables of its own. */
export function recordsText(seed: number, bytes: number, family = 'orders'): string {
  let text = '';
  for (let row = 0; text.length < bytes; row += 1) {
    const noise = noiseOf(`${seed} ${row}`);
    const table = Number.parseInt(noise.slice(0, 4), 16) % TABLES;
    const columns = Array.from({ length: COLUMNS }, (_, column) => [
      `${family}_${noiseOf(`${table} ${column}`).slice(0, 12)}`,
      Number.parseInt(noise.slice(4 + column, 7 + column), 16),
    ]);
    text += JSON.stringify({ table: `${family}${table}`, ...Object.fromEntries(columns) });
  }
  return text.slice(0, bytes);
}
