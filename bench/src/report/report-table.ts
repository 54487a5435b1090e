export interface ReportTable {
  readonly title: string;
  readonly columns: readonly { readonly heading: string; readonly align?: 'left' | 'right' }[];
  readonly rows: readonly (readonly string[])[];
  /** What has to be known to read it. */
  readonly notes: readonly string[];
}

/** The first column is words, all others are numbers. */
export const columnsOf = (first: string, ...others: readonly string[]): ReportTable['columns'] => [
  { heading: first },
  ...others.map((heading) => ({ heading, align: 'right' }) as const),
];
