/** Cleanup options as plain data, for the thread behind `cleanupUpToSync`. */
import { namingOf, type NamingRule, type Source } from '../segment/index.ts';
import type { CleanupOptions } from './options.ts';

export type PlainCleanup = Omit<CleanupOptions, 'source'> & {
  readonly source: Omit<Source, 'naming'> & { readonly naming: NamingRule };
};

export const toPlain = (options: CleanupOptions): PlainCleanup => ({
  ...options,
  source: { ...options.source, naming: options.source.naming.rule },
});

export const fromPlain = (plain: PlainCleanup): CleanupOptions => ({
  ...plain,
  source: { ...plain.source, naming: namingOf(plain.source.naming) },
});
