import { printable } from '@walq/wal-core/printable';
import stringWidth from 'string-width';

/** A column: its heading, and `right` for numbers. */
interface Column {
  readonly heading: string;
  readonly align?: 'left' | 'right';
}

const GAP = '  ';

/** Rows as aligned lines under headings. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string[] {
  const cells = [columns.map((column) => column.heading), ...rows.map((row) => row.map(printable))];
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

/** By the columns that a terminal shows it in: some characters take two, some none. */
function aligned(text: string, width: number, align: Column['align']): string {
  const space = ' '.repeat(width - stringWidth(text));
  return align === 'right' ? space + text : text + space;
}
