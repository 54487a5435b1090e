/** Fetches a WAL file for PostgreSQL's recovery, which ends at the first file that is reported absent (I5). */
import { setTimeout as sleep } from 'node:timers/promises';
import { basename, dirname, join } from 'node:path';
import { WalqError } from '../../base/failure/walq-error.ts';
import {
  fetchFile,
  namingInArchive,
  retryWhileTransient,
  type FetchOptions,
} from './fetch-file.ts';
import { laterThan } from './later-wal.ts';
import { readSmallBytes } from '../../base/disk/read-small-file.ts';
import type { Disk } from '../../base/disk/disk.ts';
import { beginsAsSegment } from '../../source/postgres/page-check.ts';
import { parseWalFile, segmentNumber, startLsn } from '../../source/postgres/wal-file.ts';
import type { KnownGap } from '../../archive/acknowledged-gaps.ts';
import { listGaps, type SourceArchive } from '../../reading/gap-rules.ts';
import { numberOnTimeline, type SegmentName } from '../../source/segment-name.ts';
import { isOnPart, segmentOnPath } from '../../archive/timelines.ts';
import { TimelineReader } from '../../archive/read-timelines.ts';

export interface RecoveryFetchOptions extends FetchOptions {
  /**
   * How long to wait for a missing file when the archive has later ones, in milliseconds. Segments are archived in
   * parallel, so
   * at the end of a running server's archive one may arrive before its predecessor. @default 10000
   */
  readonly gapWaitMs?: number;
}

const GAP_WAIT_MS = 10_000;
const POLL_INTERVAL_MS = 500;

/**
 * As `fetchFile`, but `absent` only where nothing later is known, or pg_wal has the file itself.
 *
 * @throws WalqError `wal-gap` where the archive proves that WAL continues after the file
 */
export async function fetchForRecovery(
  options: RecoveryFetchOptions,
  name: string,
  destination: string,
): Promise<'fetched' | 'absent'> {
  const { signal, gapWaitMs = GAP_WAIT_MS } = options;
  const until = performance.now() + gapWaitMs;
  for (;;) {
    if ((await fetchFile(options, name, destination)) === 'fetched') return 'fetched';
    const gap = await retryWhileTransient(options, () => gapAt(options, name, destination));
    if (gap === undefined) return 'absent';
    if (signal.aborted || performance.now() >= until) throw await walGap(gap);
    await sleep(POLL_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function gapAt(
  { disk, store, source }: FetchOptions,
  name: string,
  destination: string,
): Promise<FoundGap | undefined> {
  const naming = await namingInArchive(store, source);
  const { rule } = naming;
  if (rule.kind !== 'postgres') throw new TypeError('not a naming of PostgreSQL');
  const absent = naming.parse(name);
  if (absent === undefined) throw otherSize(name, rule.segmentBytes);
  const archive = { store, source, naming };
  const later = await laterThan(archive, absent);
  if (later === undefined) return undefined;
  if (await hasOwnCopy(disk, { name, destination, segmentBytes: rule.segmentBytes }))
    return undefined;
  return { ...archive, absent, later };
}

const otherSize = (name: string, segmentBytes: number): WalqError =>
  new WalqError('usage', {
    message: `${name} is not the name of a segment of ${segmentBytes} bytes, the size in the archive`,
    hint: 'Check --archive and --source: the archive must be that of this server.',
  });

const FIRST_BYTES = 40;

/**
 * Whether pg_wal, the directory of the destination, has the file already: PostgreSQL takes what the archive lacks
 * from there,
 * and recovery does not end. That is so for a base backup that includes its WAL, and for files that were copied
 * there. Of a
 * segment the first page is checked: a recycled file has a later segment's name.
 */
async function hasOwnCopy(
  disk: Disk,
  { name, destination, segmentBytes }: { name: string; destination: string; segmentBytes: number },
): Promise<boolean> {
  if (basename(destination) === name) return false;
  const path = join(dirname(destination), name);
  // If this process cannot read it, it cannot be assumed that PostgreSQL can.
  const first = await readSmallBytes(disk, path, FIRST_BYTES).catch(() => undefined);
  if (first === undefined || first.length === 0) return false;
  const file = parseWalFile(name);
  if (file?.kind === 'history') return true;
  const number = file && segmentNumber(file, segmentBytes);
  if (file === undefined || number === undefined) return false;
  const { size } = await disk.lstat(path);
  return (
    size === BigInt(segmentBytes) &&
    beginsAsSegment(first, segmentBytes, {
      timeline: Number(`0x${file.timeline}`),
      startLsn: startLsn(number, segmentBytes),
    })
  );
}

// The failure where PostgreSQL must not get "absent": which WAL is missing, and what to do.

const FIND_WAL_HINT =
  'PostgreSQL would end its recovery here and lose what follows. Find the missing files in pg_wal of the old primary or of its standbys, copy them into pg_wal of this server, and start it again.';
const ALLOW_GAP_HINT = 'To end recovery here on purpose: walq wal-fetch --allow-gap %f "%p".';

interface FoundGap extends SourceArchive {
  readonly absent: SegmentName;
  /** What proves that WAL continues, in words. */
  readonly later: string;
}

async function walGap({ absent, later, ...archive }: FoundGap): Promise<WalqError> {
  const where = `${absent.name} is not in the archive ${archive.store.url}`;
  if (absent.name.endsWith('.history')) {
    return new WalqError('wal-gap', {
      message: `${where}, and ${later}: PostgreSQL would not follow that timeline`,
      hint: `Archive the history file, which pg_wal of a server on that timeline has; or set recovery_target_timeline. ${ALLOW_GAP_HINT}`,
    });
  }
  const gap = await gapAround(archive, absent);
  return new WalqError('wal-gap', {
    message: `${where}, and ${later}: ${gap ?? 'WAL may be missing here'}`,
    hint: `${FIND_WAL_HINT} ${ALLOW_GAP_HINT}`,
  });
}

/** The gap as `walq verify` and `walq repair` report it; undefined for WAL before everything that the archive holds. */
async function gapAround(archive: SourceArchive, absent: SegmentName): Promise<string | undefined> {
  const { store, source, naming } = archive;
  const { rule } = naming;
  if (rule.kind !== 'postgres') return undefined;
  const { timelines } = await new TimelineReader(store, source).read(naming);
  for (const gap of await listGaps({ ...archive, consecutive: true, atSource: [] })) {
    const [after, before] = [naming.parse(gap.after), naming.parse(gap.before)];
    if (after === undefined || before === undefined) continue;
    const path = timelines.pathTo(before.timeline ?? '');
    const bounds = { first: numberOnTimeline(after) + 1n, last: numberOnTimeline(before) - 1n };
    const at = numberOnTimeline(absent);
    const isOnWay = segmentOnPath(path, at, rule.segmentBytes) === absent.name;
    if (!isOnWay || !isOnPart(bounds, at)) continue;
    const nameAt = (position: bigint) => segmentOnPath(path, position, rule.segmentBytes);
    return describe(gap, nameAt(bounds.first), nameAt(bounds.last));
  }
  return undefined;
}

function describe({ after, before, missing, acknowledged }: KnownGap, first: string, last: string) {
  const what =
    missing === 1 ? `${first} is missing` : `${missing} segments are missing, ${first} to ${last},`;
  const known =
    acknowledged === null
      ? ''
      : ` (acknowledged by ${acknowledged.by}: ${acknowledged.reason}; recovery still does not end there)`;
  return `${what} between ${after} and ${before}${known}`;
}
