/** Tables of plain text that are Markdown as well: a run is pasted into the docs unchanged. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What has to be known to read it. */
  readonly notes?: readonly string[];
  /** How many columns are words, which stand on the left. @default 0 */
  readonly words?: number;
}

export const cell = (value: number, digits: number): string => value.toFixed(digits);

export function linesOf({ title, head, rows, notes = [], words = 0 }: Table): string[] {
  const widths = head.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((one, column) => padded(one, widths[column] ?? 0, column < words)).join(' | ')} |`;
  const rule = widths.map((width, column) => '-'.repeat(width + 1) + (column < words ? '-' : ':'));
  const below = notes.length === 0 ? [] : ['', ...notes];
  return ['', title, '', line(head), `|${rule.join('|')}|`, ...rows.map(line), ...below];
}

const padded = (text: string, width: number, isLeft: boolean): string =>
  isLeft ? text.padEnd(width) : text.padStart(width);
