import { printable } from '@walq/wal-core/printable';
import stringWidth from 'string-width';
import { bytesAlike } from './human.ts';

/** A column: its heading, and `right` for numbers. */
interface Column {
  readonly heading: string;
  readonly align?: 'left' | 'right';
  /** Format of its numbers. */
  readonly show?: (value: number) => string;
}

type Cell = string | number;

/** Sizes in the unit of the largest, so that they can be compared by their length. */
export function bytesColumn(heading: string, values: readonly number[]): Column {
  return { heading, align: 'right', show: bytesAlike(values) };
}

const GAP = '  ';

/** Rows as aligned lines under headings. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
): string[] {
  const textOf = (cell: Cell, at: number): string =>
    typeof cell === 'string' ? printable(cell) : (columns[at]?.show ?? String)(cell);
  const cells = [columns.map((column) => column.heading), ...rows.map((row) => row.map(textOf))];
  const widths = columns.map((_, at) =>
    Math.max(...cells.map((row) => stringWidth(row[at] ?? ''))),
  );
  return cells.map((row) =>
    columns
      .map(({ align }, at) => aligned(row[at] ?? '', widths[at] ?? 0, align))
      .join(GAP)
      .trimEnd(),
  );
}

/** Pads by display width: some characters take two columns, some none. */
function aligned(text: string, width: number, align: Column['align']): string {
  const space = ' '.repeat(width - stringWidth(text));
  return align === 'right' ? space + text : text + space;
}
