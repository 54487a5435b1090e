import { join } from 'node:path';
import type { SegmentNaming } from './naming.ts';

/** A named directory of segments. */
export interface Source {
  /** Slug: lower-case letters, digits and dashes; the first part of every archive key. */
  readonly name: string;
  /** Absolute path. */
  readonly directory: string;
  readonly type: 'log' | 'directory';
  readonly naming: SegmentNaming;
  readonly sealedRule: SealedRule;
  readonly afterArchive: 'delete' | 'keep';
  /** Whether the engine counts without leaving numbers out, so that a missing number is a gap. */
  readonly consecutive: boolean;
}

/**
 * When a segment is sealed and flushed: at or below the source's watermark, or, where no engine says
 * so, when at least `count` newer ones exist. The second is a guess, so such sources are always kept.
 */
export type SealedRule =
  | { readonly kind: 'watermark' }
  | { readonly kind: 'skip-newest'; readonly count: number };

/** walq's own folder within a source; never scanned for segments. */
export const walqDirectory = (source: Source): string => join(source.directory, '.walq');

export const segmentPath = (source: Source, name: string): string => join(source.directory, name);
