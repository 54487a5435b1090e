/**
 * PostgreSQL's `archive_command` for one WAL file: resolves when exactly that file is archived and confirmed.
 *
 * The roles archive ready files ahead, so usually a marker answers. A file that a worker has claimed is waited for.
 * Where no
 * role archives it, this process does, together with the ready files after it, so that PostgreSQL's next calls find
 * markers.
 * Redis is not used: everything here is on disk.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isClaimed } from '../../pipeline/claim.ts';
import { sweepMarkers, useMarker } from '../../pipeline/marker.ts';
import type { Disk } from '../../base/disk/disk.ts';
import { adviceOn, withNames } from '../../base/failure/advice.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import { archiveOne, type Archiver } from '../../pipeline/archiver.ts';
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
  /** Creates the archiver, where this process archives the file itself. */
  readonly archiver: () => Archiver;
  readonly signal: AbortSignal;
  /** Called for later files that failed; PostgreSQL requests them itself and gets the failure then. */
  readonly onAheadFailure?: (failure: AheadFailure) => void;
}

export interface PushReport {
  readonly segment: string;
  /** `acknowledged`: a role archived it. `archived`: this process did, or found it in the archive. */
  readonly outcome: 'acknowledged' | 'archived';
  /** How many later files this process archived as well. */
  readonly ahead: number;
}

const POLL_INTERVAL_MS = 15;
/** How long to wait for a running role to claim the file. The shell fast path has waited as long before. */
const UNCLAIMED_WAIT_MS = 1_000;

/**
 * Rejects with a `WalqError`: `segment-quarantined`, `segment-not-flushed`, `cancelled`, or the failure of archiving.
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
  // For a source without a producer. A marker that cannot be removed must not keep PostgreSQL waiting.
  await sweepMarkers(disk, open).catch(() => undefined);
  return { segment: segment.name, outcome: 'archived', ahead };
}

const acknowledged = ({ name }: SegmentName): PushReport => ({
  segment: name,
  outcome: 'acknowledged',
  ahead: 0,
});

/** Waits while another process is likely to archive the file; true when it has. */
async function waitForOthers(
  { disk, open, signal }: PushOptions,
  { name }: SegmentName,
): Promise<boolean> {
  const startedMs = performance.now();
  for (;;) {
    throwIfAborted(signal, name);
    if (await useMarker(disk, open, name)) return true;
    const isWorthWaiting =
      (await isClaimed(disk, open.source, name)) ||
      (performance.now() - startedMs < UNCLAIMED_WAIT_MS && (await rolesAlive(disk, open.source)));
    if (!isWorthWaiting) return false;
    await sleep(POLL_INTERVAL_MS);
  }
}

async function assertNotQuarantined({ open }: PushOptions, { name }: SegmentName): Promise<void> {
  const record = await findQuarantined(open.store, open.source.name, name);
  if (record === undefined) return;
  throw new WalqError('segment-quarantined', {
    message: `${name} has been quarantined since ${record.quarantinedAt}: ${record.message} (${record.code})`,
    hint: `PostgreSQL waits for this file and keeps its WAL until it is archived. ${adviceOn(record.code, open.source.name, name)}`,
  });
}

function throwIfAborted({ aborted, reason }: AbortSignal, name: string): void {
  if (!aborted) return;
  const message = `${name} was not archived before the deadline`;
  throw new WalqError('cancelled', { message, cause: reason });
}

// Archives the requested file in this process and, in parallel, the ready files after it: markers then answer the
// next calls,
// which saves starting a process for each.

export interface AheadFailure {
  readonly segment: string;
  readonly failure: WalqError;
}

const AHEAD_MAX = 256;
/** PostgreSQL waits during this time. Files not started by then are left to its next call. */
const AHEAD_MS_MAX = 2_000;

/** Returns how many other files were archived; rejects with the failure of the requested file. */
async function archiveAhead(options: PushOptions, asked: SegmentName): Promise<number> {
  const archiver = options.archiver();
  const { signal } = options;
  const { source } = options.open;
  const stopAt = performance.now() + AHEAD_MS_MAX;
  let hasFailed = false;
  const request = { signal, acknowledge: false, evenBelowFloor: true };
  const own = archiveOne(archiver, source, asked.name, request).catch((error: unknown) => {
    hasFailed = true;
    throw error;
  });
  const waiting = readyAfter(options, asked);
  let archived = 0;
  const lane = async (after: Promise<unknown>): Promise<void> => {
    await after;
    for await (const { name } of waiting) {
      if (signal.aborted || hasFailed || performance.now() > stopAt) return;
      if (await isClaimed(options.disk, source, name)) continue;
      const [result] = await archiver.archive(source, [name], { signal });
      if (result?.failure === undefined) archived += 1;
      else options.onAheadFailure?.({ segment: name, failure: result.failure });
    }
  };
  const others = Array.from({ length: archiver.parallelism - 1 }, () => lane(Promise.resolve()));
  const all = [own, lane(own.catch(() => undefined)), ...others];
  const [ended] = await Promise.allSettled(all);
  if (ended?.status === 'rejected') throw ended.reason;
  return archived;
}

/** The lowest ready files after the given one that are not quarantined. All lanes take from this one list. */
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

// Hints for a push: PostgreSQL's files are not quarantined here, and PostgreSQL retries by itself.

const RETRIES = 'PostgreSQL retries by itself';

const advice: Partial<Record<FailureCode, string>> = {
  'segment-malformed': `Examine the file before anything else writes to it. ${RETRIES}; once the file is correct, it is archived.`,
  duplicate: `The archive holds different content under this name and never replaces an object. If two servers write the same timeline, stop the wrong one. If the object is wrong, move it out of the archive. ${RETRIES}.`,
};

/** The same failure, with a hint for a push in place of the catalogue's hint about the quarantine. */
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
  `Two servers were promoted to timeline ${history.slice(0, 8)}, and the archive can follow only one of them. Decide which one is the database, and stop the other. To keep both, archive this one under another source name. If the archived history is wrong, move its object and the segments of its timeline out of the archive. ${RETRIES}.`;
