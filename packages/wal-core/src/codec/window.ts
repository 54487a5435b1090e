import { beginsAsWal } from '../source/postgres/page-check.ts';
import type { FrameOptions } from './frame-encoder.ts';

/** 256 KiB, which a core has in its cache; level 3 itself would take 2 MiB. */
const WAL_WINDOW_LOG = 18;
/** Levels 1 and 2 take no more by themselves; higher ones are for those who want every match, also a distant one. */
const WAL_WINDOW_LEVEL = 3;

/**
 * How far back zstd is to look. PostgreSQL's WAL mostly repeats what was just written: a page's image, then
 * changes to it. Other logs may repeat themselves over a long way, so zstd decides there.
 */
export const windowFor = (
  level: number,
  first: Uint8Array,
  bytes: number,
): Pick<FrameOptions, 'windowLog'> =>
  level === WAL_WINDOW_LEVEL && beginsAsWal(first, bytes) ? { windowLog: WAL_WINDOW_LOG } : {};
