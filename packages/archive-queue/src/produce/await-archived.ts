/**
 * `flushedAndArchived()`: waits until no segment up to a given one is due, and reports the outcome of each. Both are read
 * from the disk and the archive, never from the queue, which may have been lost.
 */
import {
  archiveKeyOf,
  findQuarantined,
  isWalqError,
  listQuarantine,
  readManifest,
  requireSameIdentity,
  summarize,
  type BatchReport,
  type Disk,
  type OpenSource,
  type OpenView,
  type OutageState,
  type SegmentName,
  type SegmentReport,
  type WalqError,
} from '@walq/wal-core/internal';
import { setTimeout as sleep } from 'node:timers/promises';
import { unlessAborted } from '../deadline.ts';
import type { Pump } from './pump.ts';
import type { Mark, WatermarkWriter } from './watermark-writer.ts';

export interface AwaitOptions {
  readonly disk: Disk;
  readonly pump: Pump;
  readonly watermark: WatermarkWriter;
  readonly sourceOutage: OutageState<WalqError>;
  readonly watermarkOutage: OutageState<WalqError>;
  readonly mark: Mark;
  /** Each ends the wait immediately with its own reason: the caller's signal, and the producer's when it is closed. */
  readonly signals: readonly AbortSignal[];
  /** When this producer started, in milliseconds since 1970. Segments archived before are `already-archived`. */
  readonly producerStartedAt: number;
}

/** Polls rarely while many segments are left, and often near the end, so that the caller is resumed promptly. */
const POLL = { shortestMs: 15, longestMs: 150, msForEach: 5 };
const CHECKED_AT_ONCE = 8;
/** Delay before a source or an archive that was unavailable is read again. */
const RETRY_MS = 250;

/** A round may be delayed and a read may hang on a dead mount; aborting ends the wait all the same. */
export const awaitArchived = (options: AwaitOptions): Promise<BatchReport> =>
  unlessAborted(waitForAll(options), options.signals);

async function waitForAll(options: AwaitOptions): Promise<BatchReport> {
  const startedMs = performance.now();
  await recheck(options);
  const upTo = await watermarkOf(options);
  const reports: SegmentReport[] = [];
  if (upTo !== undefined) {
    const dueNow = () => readWhenAvailable(options, ({ view }) => dueUpTo(view, upTo));
    for (let due = await dueNow(); due.length > 0; due = await dueNow()) {
      reports.push(...(await untilArchived(options, due)));
    }
  }
  return summarize(reports, Math.round(performance.now() - startedMs));
}

/** What stopped the source before may have been fixed since: a new round decides. */
async function recheck({ pump, sourceOutage, watermarkOutage }: AwaitOptions): Promise<void> {
  if ((sourceOutage.current ?? watermarkOutage.current) === undefined) return;
  const ended = pump.roundEnd();
  pump.hurry();
  await ended;
}

/** Waits until the watermark is durable: before that, no segment is due. */
async function watermarkOf(options: AwaitOptions): Promise<SegmentName | undefined> {
  const { watermark, watermarkOutage, mark, pump } = options;
  const begunBefore = pump.roundsBegun;
  while (!watermark.covers(mark)) {
    // Only a round that began after this call says whether its own watermark can be written.
    const hasNewRound = pump.roundsBegun > begunBefore;
    assertWorthWaiting(options, ...(hasNewRound ? [watermarkOutage] : []));
    const tried = pump.watermarkTry();
    pump.wake();
    await tried;
  }
  return mark.name === undefined ? watermark.durable : mark;
}

async function dueUpTo(view: OpenView['view'], upTo: SegmentName): Promise<SegmentName[]> {
  return [...(await view.scan(Number.MAX_SAFE_INTEGER, upTo)).due];
}

/** Polls the lowest few segments, for at most a fifth of this process's time. */
async function untilArchived(options: AwaitOptions, due: SegmentName[]): Promise<SegmentReport[]> {
  const reports: SegmentReport[] = [];
  for (let left = due; left.length > 0;) {
    const polledMs = performance.now();
    const some = left.slice(0, CHECKED_AT_ONCE);
    const done = await readWhenAvailable(options, (opened) => noLongerDue(options, opened, some));
    const costMs = performance.now() - polledMs;
    const names = new Set(done.map(({ name }) => name));
    left = left.filter(({ name }) => !names.has(name));
    reports.push(
      ...(await readWhenAvailable(options, ({ open }) => reportAll(options, open, done))),
    );
    if (done.length < CHECKED_AT_ONCE) await sleep(Math.max(pauseFor(left.length), 4 * costMs));
  }
  return reports;
}

const pauseFor = (left: number): number =>
  Math.max(POLL.shortestMs, Math.min(POLL.longestMs, left * POLL.msForEach));

async function noLongerDue(
  { disk }: AwaitOptions,
  { view, open }: OpenView,
  some: readonly SegmentName[],
): Promise<readonly SegmentName[]> {
  await requireSameIdentity(disk, open);
  const due = new Set((await view.dueAmong(some)).map(({ name }) => name));
  return some.filter(({ name }) => !due.has(name));
}

const reportAll = (
  { producerStartedAt }: AwaitOptions,
  open: OpenSource,
  segments: readonly SegmentName[],
): Promise<SegmentReport[]> =>
  Promise.all(segments.map((segment) => reportSegment(open, segment, producerStartedAt)));

/** Reads the source and its archive, again and again until both are available. */
async function readWhenAvailable<T>(
  options: AwaitOptions,
  read: (opened: OpenView) => Promise<T>,
): Promise<T> {
  for (;;) {
    const opened = await openView(options);
    try {
      return await read(opened);
    } catch (error) {
      if (!isWorthWaiting(error)) throw error;
    }
    await sleep(RETRY_MS);
  }
}

const isWorthWaiting = (error: unknown): boolean =>
  isWalqError(error) && error.class === 'retryable' && error.code !== 'unexpected';

async function openView(options: AwaitOptions): Promise<OpenView> {
  for (;;) {
    assertWorthWaiting(options);
    const { opened } = options.pump;
    if (opened !== undefined) return opened;
    await options.pump.roundEnd();
  }
}

/** Throws if an operator has to act first; a failure that passes by itself is waited for. */
function assertWorthWaiting(
  { signals, sourceOutage }: AwaitOptions,
  ...others: OutageState<WalqError>[]
): void {
  for (const signal of signals) signal.throwIfAborted();
  for (const { current } of [sourceOutage, ...others]) {
    if (current?.class === 'refused') throw current;
  }
}

/** The outcome of a segment that is no longer due, as recorded in the archive. */
export async function reportSegment(
  { store, source }: OpenSource,
  segment: SegmentName,
  producerStartedAt: number,
): Promise<SegmentReport> {
  if ((await findQuarantined(store, source.name, segment.name)) !== undefined) {
    const records = await listQuarantine(store, source.name);
    const code = records.find((record) => record.segment === segment.name)?.code;
    return notArchived(segment, code === 'duplicate' ? 'duplicate' : 'quarantined');
  }
  const key = archiveKeyOf(source.name, segment);
  const [manifest, stat] = [
    await readManifest(store, key).catch(unreadable),
    await store.stat(key),
  ];
  if (manifest === undefined || stat === undefined) return notArchived(segment, 'failed');
  const archivedAt = Date.parse(manifest.archivedAt);
  return {
    segment: segment.name,
    bytesIn: manifest.bytes,
    bytesOut: stat.sizeBytes,
    durationMs: archivedAt - Date.parse(manifest.startedAt),
    outcome: archivedAt < producerStartedAt ? 'already-archived' : 'archived',
  };
}

/** An object without a readable manifest does not count as archived. A store that is unavailable is read again. */
function unreadable(error: unknown): undefined {
  if (isWalqError(error) && error.class !== 'retryable') return undefined;
  throw error;
}

const notArchived = (segment: SegmentName, outcome: SegmentReport['outcome']): SegmentReport => ({
  segment: segment.name,
  bytesIn: 0,
  bytesOut: 0,
  durationMs: 0,
  outcome,
});
