import { namingOf, type NamingRule } from './naming.ts';
import type { Source } from './source.ts';

/** A source as plain data, to be passed to a thread. */
export type PlainSource = Omit<Source, 'naming'> & { readonly naming: NamingRule };

export const toPlainSource = (source: Source): PlainSource => ({
  ...source,
  naming: source.naming.rule,
});

export const fromPlainSource = (plain: PlainSource): Source => ({
  ...plain,
  naming: namingOf(plain.naming),
});
