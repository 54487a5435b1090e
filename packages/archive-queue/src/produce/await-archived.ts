/**
 * `flushedAndArchived()`: waits until nothing due is left up to a segment, and tells what became of
 * each. Both are read from the disk and the archive, never from the queue, which may have been lost.
 */
import {
  fromFailureRecord,
  isWalqError,
  requireIdentity,
  summarize,
  type Disk,
  type OpenSource,
  type BatchReport,
  type SegmentName,
  type SegmentReport,
} from '@walq/wal-core';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Mark } from './flushed-mark.ts';
import type { OpenView, Pump } from './pump.ts';
import { reportSegment } from './report-segment.ts';
import type { Trouble } from '../trouble/index.ts';
import type { WatermarkWriter } from './watermark-writer.ts';

export interface AwaitOptions {
  readonly disk: Disk;
  readonly pump: Pump;
  readonly watermark: WatermarkWriter;
  readonly sourceTrouble: Trouble;
  readonly mark: Mark;
  readonly signal: AbortSignal | undefined;
  /** When this producer began, ms since 1970: what was archived before is `already-archived`. */
  readonly producerStartedAt: number;
  readonly isClosed: () => boolean;
}

const POLL = { shortestMs: 10, longestMs: 100 };
const CHECKED_AT_ONCE = 8;

export async function awaitArchived(options: AwaitOptions): Promise<BatchReport> {
  const startedMs = performance.now();
  const upTo = await watermarkOf(options);
  if (upTo === undefined) return summarize([], Math.round(performance.now() - startedMs));
  const reports: SegmentReport[] = [];
  for (
    let left = await dueUpTo(options, upTo);
    left.length > 0;
    left = await dueUpTo(options, upTo)
  ) {
    reports.push(...(await settleAll(options, left)));
  }
  return summarize(reports, Math.round(performance.now() - startedMs));
}

/** Waits until the watermark is durable: no segment is due before. */
async function watermarkOf(options: AwaitOptions): Promise<SegmentName | undefined> {
  const { watermark, mark, pump } = options;
  while (!watermark.covers(mark)) {
    refuseToWait(options);
    pump.wake();
    await pump.roundEnd();
  }
  return mark.name === undefined ? watermark.durable : mark;
}

async function dueUpTo(options: AwaitOptions, upTo: SegmentName): Promise<SegmentName[]> {
  const { view } = await openView(options);
  return [...(await view.scan(Number.MAX_SAFE_INTEGER, upTo)).due];
}

/** Looks at the lowest few again and again; looking costs this process a fifth of its time at most. */
async function settleAll(options: AwaitOptions, due: SegmentName[]): Promise<SegmentReport[]> {
  const reports: SegmentReport[] = [];
  let pauseMs: number = POLL.shortestMs;
  for (let left = due; left.length > 0;) {
    refuseToWait(options);
    const lookedMs = performance.now();
    const settled = await settledAmong(options, left.slice(0, CHECKED_AT_ONCE));
    const costMs = performance.now() - lookedMs;
    const names = new Set(settled.map(({ name }) => name));
    left = left.filter(({ name }) => !names.has(name));
    reports.push(...(await reportAll(options, settled)));
    pauseMs = settled.length > 0 ? POLL.shortestMs : Math.min(POLL.longestMs, pauseMs * 1.5);
    if (settled.length < CHECKED_AT_ONCE) {
      await sleep(Math.max(pauseMs, 4 * costMs), undefined, signalOf(options));
    }
  }
  return reports;
}

async function settledAmong(
  options: AwaitOptions,
  some: readonly SegmentName[],
): Promise<readonly SegmentName[]> {
  const { view, open } = await openView(options);
  if (!(await isThere(options, open))) return [];
  const due = new Set((await view.dueAmong(some)).map(({ name }) => name));
  return some.filter(({ name }) => !due.has(name));
}

async function reportAll(
  options: AwaitOptions,
  settled: readonly SegmentName[],
): Promise<SegmentReport[]> {
  const { open } = await openView(options);
  return Promise.all(
    settled.map((segment) => reportSegment(open, segment, options.producerStartedAt)),
  );
}

/** An unmounted source looks like one where nothing is due. */
async function isThere({ disk }: AwaitOptions, { source, sourceId }: OpenSource): Promise<boolean> {
  try {
    return (await requireIdentity(disk, source)) === sourceId;
  } catch (error) {
    if (isWalqError(error, 'source-unavailable')) return false;
    throw error;
  }
}

async function openView(options: AwaitOptions): Promise<OpenView> {
  for (;;) {
    const { opened } = options.pump;
    if (opened !== undefined) return opened;
    refuseToWait(options);
    await options.pump.roundEnd();
  }
}

/** A source that waits for a human is not worth waiting for; one that heals by itself is. */
function refuseToWait({ signal, sourceTrouble, isClosed }: AwaitOptions): void {
  signal?.throwIfAborted();
  const stopped = sourceTrouble.current;
  const failure = stopped === undefined ? undefined : fromFailureRecord(stopped);
  if (failure?.class === 'refused') throw failure;
  if (isClosed()) throw closedWhileWaiting();
}

const closedWhileWaiting = () =>
  fromFailureRecord({
    code: 'cancelled',
    message: 'the producer was closed while it waited for segments to be archived',
    hint: 'Nothing is lost: the next producer of this source goes on.',
  });

const signalOf = ({ signal }: AwaitOptions) => (signal === undefined ? {} : { signal });
