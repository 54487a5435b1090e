/**
 * PostgreSQL's `archive_command` for one WAL file: resolves when that very file is archived and confirmed.
 *
 * The roles look ahead and are mostly done before they are asked: then a marker answers. A file that a
 * worker has in hand is waited for. Where nobody takes it, this process archives it, and what is ready
 * behind it, so that PostgreSQL's next calls find markers. Redis is never asked: everything here is on disk.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { claimOn } from '../../pipeline/claim.ts';
import { sweepMarkers, useMarker } from '../../pipeline/marker.ts';
import type { Disk } from '../../base/disk/disk.ts';
import { adviceOn, withNames } from '../../base/failure/advice.ts';
import { WalqError, asWalqError } from '../../base/failure/walq-error.ts';
import type { Archiver } from '../../pipeline/archiver.ts';
import type { OpenSource } from '../../pipeline/open-source.ts';
import { findQuarantined, quarantineFilter } from '../../archive/quarantine.ts';
import { compareSegments, type SegmentName } from '../../source/segment-name.ts';
import { rolesAlive } from './heartbeat.ts';
import { scanSource } from '../../source/scan.ts';
import type { FailureCode } from '../../base/failure/catalogue.ts';
import { parseWalFile } from '../../source/postgres/wal-file.ts';

interface PushOptions {
  readonly disk: Disk;
  readonly open: OpenSource;
  /** Called where this process does the work itself. */
  readonly archiver: () => Archiver;
  readonly signal: AbortSignal;
  /** Told of files behind the one that was asked for: PostgreSQL will ask for them, and be told again. */
  readonly onAheadFailure?: (failure: AheadFailure) => void;
}

export interface PushReport {
  readonly segment: string;
  /** `acknowledged`: somebody had archived it; `archived`: this process did, or found it in the archive. */
  readonly outcome: 'acknowledged' | 'archived';
  /** How many files behind it this process archived as well. */
  readonly ahead: number;
}

const POLL_INTERVAL_MS = 15;
/** How long to wait for a role to take the file, where roles are there; the front has waited as long before. */
const UNCLAIMED_WAIT_MS = 1_000;
/** How long to wait for one who has taken it: he may be frozen or dead. */
const CLAIMED_WAIT_MS = 5_000;

/**
 * Rejects with a `WalqError`: `segment-quarantined`, `segment-not-flushed`, `cancelled`, or what the archiving
 * of the file says.
 */
export async function pushSegment(options: PushOptions, segment: SegmentName): Promise<PushReport> {
  return push(options, segment).catch((error: unknown) => {
    throw asPushFailure(
      withNames(error, { source: options.open.source.name, segment: segment.name }),
      segment.name,
    );
  });
}

async function push(options: PushOptions, segment: SegmentName): Promise<PushReport> {
  const { disk, open } = options;
  if (await useMarker(disk, open, segment.name)) return acknowledged(segment);
  await assertNotQuarantined(options, segment);
  await open.gate.admit(segment);
  if (await waitForOthers(options, segment)) return acknowledged(segment);
  const ahead = await archiveAhead(options, segment);
  // Where no producer sweeps; one that cannot be removed is no reason to keep PostgreSQL waiting.
  await sweepMarkers(disk, open).catch(() => undefined);
  return { segment: segment.name, outcome: 'archived', ahead };
}

const acknowledged = ({ name }: SegmentName): PushReport => ({
  segment: name,
  outcome: 'acknowledged',
  ahead: 0,
});

/** Waits while somebody else is likely to archive the file; true when somebody has. */
async function waitForOthers(
  { disk, open, signal }: PushOptions,
  { name }: SegmentName,
): Promise<boolean> {
  const startedMs = performance.now();
  let claim: string | undefined;
  let claimedMs = startedMs;
  for (;;) {
    throwIfAborted(signal, name);
    if (await useMarker(disk, open, name)) return true;
    const nowMs = performance.now();
    const now = await claimOn(disk, open.source, name);
    if (now !== claim) [claim, claimedMs] = [now, nowMs];
    const isWorthWaiting =
      claim === undefined
        ? nowMs - startedMs < UNCLAIMED_WAIT_MS && (await rolesAlive(disk, open.source))
        : nowMs - claimedMs < CLAIMED_WAIT_MS;
    if (!isWorthWaiting) return false;
    await sleep(POLL_INTERVAL_MS);
  }
}

async function assertNotQuarantined({ open }: PushOptions, { name }: SegmentName): Promise<void> {
  const record = await findQuarantined(open.store, open.source.name, name);
  if (record === undefined) return;
  throw new WalqError('segment-quarantined', {
    message: `${name} is set aside since ${record.quarantinedAt}: ${record.message} (${record.code})`,
    hint: `PostgreSQL waits for this file, and keeps its WAL until it is archived. ${adviceOn(record.code, open.source.name, name)}`,
  });
}

function throwIfAborted({ aborted, reason }: AbortSignal, name: string): void {
  if (!aborted) return;
  const message = `${name} was not archived in time`;
  throw new WalqError('cancelled', { message, cause: reason });
}

// Archives the file that PostgreSQL asked for in this process, and beside it what is ready behind: the next
// calls are then answered by markers, however long starting a process takes.

export interface AheadFailure {
  readonly segment: string;
  readonly failure: WalqError;
}

const AHEAD_MAX = 256;
/** PostgreSQL waits meanwhile; what is not begun by then is left to its next call. */
const AHEAD_MS_MAX = 2_000;

/** Gives the number of files that were archived beside the one asked for; rejects with that one's failure. */
async function archiveAhead(options: PushOptions, asked: SegmentName): Promise<number> {
  const archiver = options.archiver();
  const { signal } = options;
  const { source } = options.open;
  const stopAt = performance.now() + AHEAD_MS_MAX;
  let hasFailed = false;
  const own = archiver
    .archive(source, asked.name, { signal, acknowledge: false, evenBelowFloor: true })
    .catch((error: unknown) => {
      hasFailed = true;
      throw error;
    });
  const waiting = readyAfter(options, asked);
  let archived = 0;
  const lane = async (after: Promise<unknown>): Promise<void> => {
    await after;
    for await (const { name } of waiting) {
      if (signal.aborted || hasFailed || performance.now() > stopAt) return;
      if ((await claimOn(options.disk, source, name)) !== undefined) continue;
      await archiver.archive(source, name, { signal }).then(
        () => (archived += 1),
        (error: unknown) =>
          options.onAheadFailure?.({ segment: name, failure: asWalqError(error) }),
      );
    }
  };
  const others = Array.from({ length: archiver.parallelism - 1 }, () => lane(Promise.resolve()));
  const all = [own, lane(own.catch(() => undefined)), ...others];
  const [ended] = await Promise.allSettled(all);
  if (ended?.status === 'rejected') throw ended.reason;
  return archived;
}

/** The lowest of what is ready behind a file and not set aside; one list that all lanes take from. */
async function* readyAfter(
  { disk, open }: PushOptions,
  asked: SegmentName,
): AsyncGenerator<SegmentName> {
  const isQuarantined = await quarantineFilter(open.store, open.source.name);
  const { lowest } = await scanSource(disk, open.source, {
    lowestMax: AHEAD_MAX,
    highestMax: 0,
    accept: (segment) => compareSegments(segment, asked) > 0 && !isQuarantined(segment.name),
  });
  yield* lowest;
}

// What to do about a failure that a push of PostgreSQL's meets: nothing is in quarantine, and it asks again by itself.

const RETRIES = 'PostgreSQL asks again by itself';

const advice: Partial<Record<FailureCode, string>> = {
  'segment-malformed': `Look at the file before anything else writes there. ${RETRIES}: once the file is right, it is archived.`,
  duplicate: `The archive holds other content under this name and replaces nothing. If two servers write one timeline, stop the wrong one; if the object is the wrong one, move it out of the archive. ${RETRIES}.`,
};

/** The same failure, with what helps here where the catalogue speaks of the quarantine. */
function asPushFailure(failure: WalqError, segment: string): WalqError {
  const hint =
    failure.code === 'duplicate' && parseWalFile(segment)?.kind === 'history'
      ? twoPromotions(segment)
      : advice[failure.code];
  if (hint === undefined) return failure;
  const { code, message, cause, stack } = failure;
  return Object.assign(new WalqError(code, { message, hint, cause }), { stack });
}

const twoPromotions = (history: string): string =>
  `Two servers were promoted to timeline ${history.slice(0, 8)}, and the archive can follow one of them. Decide which one is the database, and stop the other. To keep both, archive this one under another source name. If the archived history is the wrong one, move its object and the segments of its timeline out of the archive. ${RETRIES}.`;
