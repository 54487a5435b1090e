/** Figures as a table of plain text, which is Markdown as well. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export const cell = (value: number, digits: number): string => value.toFixed(digits);

export function linesOf({ title, head, rows }: Table): string[] {
  const widths = head.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((one, column) => one.padStart(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => `${'-'.repeat(width + 1)}:`).join('|')}|`;
  return ['', title, '', line(head), rule, ...rows.map(line)];
}
