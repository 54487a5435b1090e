/** Cleanup options as plain data, for the thread behind `cleanupUpToSync`. */
import { namingOf, type NamingRule } from '../../source/naming.ts';
import type { Source } from '../../source/source.ts';
import type { CleanupOptions } from './options.ts';

export type PlainCleanup = Omit<
  CleanupOptions,
  'source' | 'logger' | 'onLevel' | 'onDictionary'
> & {
  readonly source: Omit<Source, 'naming'> & { readonly naming: NamingRule };
};

export function toPlain({
  source,
  logger: _stays,
  onLevel: _too,
  onDictionary: _andThis,
  ...rest
}: CleanupOptions): PlainCleanup {
  return { ...rest, source: { ...source, naming: source.naming.rule } };
}

export const fromPlain = (plain: PlainCleanup): CleanupOptions => ({
  ...plain,
  source: { ...plain.source, naming: namingOf(plain.source.naming) },
});
