/**
 * PostgreSQL's `archive_command` for one WAL file: resolves when that very file is archived and confirmed.
 *
 * The roles look ahead and are mostly done before they are asked: then a marker answers. A file that a
 * worker has in hand is waited for. Where nobody takes it, this process archives it, and what is ready
 * behind it, so that PostgreSQL's next calls find markers. Redis is never asked: everything here is on disk.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { claimOn } from '../../pipeline/acknowledge/claim.ts';
import { sweepMarkers, useMarker } from '../../pipeline/acknowledge/marker.ts';
import type { Disk } from '../../base/disk/disk.ts';
import { adviceOn, withNames } from '../../base/failure/advice.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import type { Archiver } from '../../pipeline/archiver.ts';
import type { OpenSource } from '../../pipeline/open-source.ts';
import { findQuarantined } from '../../archive/quarantine.ts';
import type { SegmentName } from '../../source/segment-name.ts';
import { archiveAhead, type AheadFailure } from './archive-ahead.ts';
import { isAttended } from './presence.ts';
import { asPushFailure } from './push-advice.ts';

export interface PushOptions {
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

const LOOK_EVERY_MS = 15;
/** How long to wait for a role to take the file, where roles are there; the front has waited as long before. */
const UNTAKEN_MS_MAX = 1_000;
/** How long to wait for one who has taken it: he may be frozen or dead. */
const TAKEN_MS_MAX = 5_000;

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
  await refuseQuarantined(options, segment);
  await open.gate.admit(segment);
  if (await isTakenCareOf(options, segment)) return acknowledged(segment);
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
async function isTakenCareOf(
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
        ? nowMs - startedMs < UNTAKEN_MS_MAX && (await isAttended(disk, open.source))
        : nowMs - claimedMs < TAKEN_MS_MAX;
    if (!isWorthWaiting) return false;
    await sleep(LOOK_EVERY_MS);
  }
}

async function refuseQuarantined({ open }: PushOptions, { name }: SegmentName): Promise<void> {
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
