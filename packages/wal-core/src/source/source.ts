import { join } from 'node:path';
import type { SegmentNaming } from './naming.ts';

/** A named directory of segments. */
export interface Source {
  /** Slug: lower-case letters, digits and dashes; the first part of every archive key. */
  readonly name: string;
  /** Absolute path. */
  readonly directory: string;
  readonly type: 'log' | 'directory' | 'postgres';
  readonly naming: SegmentNaming;
  readonly sealedRule: SealedRule;
  readonly afterArchive: 'delete' | 'keep';
  /** Whether the engine counts without leaving numbers out, so that a missing number is a gap. */
  readonly consecutive: boolean;
}

/**
 * When a segment is sealed and flushed: at or below the source's watermark; or, where no engine says
 * so, when at least `count` newer ones exist; or, of PostgreSQL, when it lies in `archive_status` as ready.
 * The second is a guess and the third PostgreSQL's own, so such sources are always kept.
 */
export type SealedRule =
  | { readonly kind: 'watermark' }
  | { readonly kind: 'skip-newest'; readonly count: number }
  | ReadyRule;

export interface ReadyRule {
  readonly kind: 'ready';
  /** PostgreSQL's, which holds `pg_wal`, the source's directory. */
  readonly dataDirectory: string;
  /** Where walq keeps what it knows of this source: never within the data directory, which may be cloned. */
  readonly stateDirectory: string;
}

/** walq's own folder of a source; never scanned for segments. */
export const walqDirectory = ({ sealedRule, directory }: Source): string =>
  sealedRule.kind === 'ready' ? sealedRule.stateDirectory : join(directory, '.walq');

/** Where PostgreSQL says which files are to be archived. */
export const statusDirectory = (source: Source): string => join(source.directory, 'archive_status');

export const segmentPath = (source: Source, name: string): string => join(source.directory, name);
