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
  /** Whether the engine uses every number, so that a missing number is a gap. */
  readonly consecutive: boolean;
}

/**
 * When a segment is sealed and flushed. `watermark`: it is at or below the source's watermark. `skip-newest`: at least
 * `count` newer segments exist. `ready`: PostgreSQL's `archive_status` has a `.ready` file for it. The second is a
 * guess and in the third PostgreSQL removes the files, so walq never deletes the segments of such sources.
 */
export type SealedRule =
  | { readonly kind: 'watermark' }
  | { readonly kind: 'skip-newest'; readonly count: number }
  | ReadyRule;

export interface ReadyRule {
  readonly kind: 'ready';
  /** PostgreSQL's data directory. Its `pg_wal` is the source's directory. */
  readonly dataDirectory: string;
  /** Where walq keeps its records of this source: never in the data directory, which may be cloned. */
  readonly stateDirectory: string;
}

/** walq's own directory for a source; never scanned for segments. */
export const walqDirectory = ({ sealedRule, directory }: Source): string =>
  sealedRule.kind === 'ready' ? sealedRule.stateDirectory : join(directory, '.walq');

/** Where PostgreSQL marks the files that are ready to be archived. */
export const statusDirectory = (source: Source): string => join(source.directory, 'archive_status');

export const segmentPath = (source: Source, name: string): string => join(source.directory, name);
