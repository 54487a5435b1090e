/** Archives and restores segments on one host, with the same components as in production. */
import { createProducer, type Producer } from '@walq/archive-queue';
import {
  createThreadPool,
  listArchive,
  nodeDisk,
  openStoreOf,
  restoreRange,
  type ArchiveStore,
} from '@walq/wal-core/internal';
import { usableCores } from '@walq/config/values';
import { join } from 'node:path';
import { requireRole } from '../../sources/require.ts';
import { quietLogger } from '@walq/role/logger';
import { segmentsAt } from '../../sources/segments-at.ts';
import { withWorkers } from '../../supervise/roles.ts';
import type { ChildListener } from '../../supervise/run-child.ts';
import type { DemoPlace } from './demo-place.ts';
import { sha256Of, writeLog } from './write-log.ts';
import { showBytes, showCount, showDuration, showRatio } from '../../terminal/human.ts';

export interface DemoReport {
  readonly segments: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly ratio: number;
  /** Worker processes. */
  readonly workers: number;
  /** From the first flush until nothing was due. */
  readonly drainMs: number;
  /** Whether every restored segment equals the sealed one. */
  readonly restoredIdentical: boolean;
  /** Files left at the source, without the open segment. */
  readonly sourcesLeft: number;
}

interface DemoOptions {
  readonly place: DemoPlace;
  /** Environment of the workers; names the Redis. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly segments: number;
  readonly segmentBytes: number;
  readonly workers: number;
  readonly signal: AbortSignal;
  readonly listener: ChildListener;
  /** Called before each step. */
  readonly say: (text: string) => void;
}

export async function runDemo(options: DemoOptions): Promise<DemoReport> {
  const { source } = options.place;
  const store = openStoreOf(source, nodeDisk);
  const { sealed, drainMs } = await withWorkers(
    { ...options, configPath: options.place.configPath },
    () => writeAndDrain(options, store),
  );
  options.say('restoring everything and comparing it with what was written');
  const restoredIdentical = await restoreAndCompare(options, store, sealed);
  const left = await segmentsAt(source);
  const sizes = await sizesIn(store, options.place);
  return {
    segments: sealed.size,
    ...sizes,
    workers: options.workers,
    drainMs,
    restoredIdentical,
    // The open segment of the log remains.
    sourcesLeft: Math.max(0, left.length - 1),
  };
}

interface Drained {
  /** SHA-256 of every sealed segment. */
  readonly sealed: ReadonlyMap<string, string>;
  readonly drainMs: number;
}

async function writeAndDrain(options: DemoOptions, store: ArchiveStore): Promise<Drained> {
  const producer = producerOf(options, store);
  const sealed = new Map<string, string>();
  let startedMs: number | undefined;
  const onSealed = (segment: string, sha256: string): void => {
    startedMs ??= performance.now();
    sealed.set(segment, sha256);
    producer.flushed(segment);
  };
  try {
    const directory = options.place.source.directory;
    options.say(
      `writing ${options.segments} segments under load, flushing and archiving them at the same time`,
    );
    const last = await writeLog({ ...options, directory, onSealed });
    await producer.flushedAndArchived(last, { signal: options.signal });
    return { sealed, drainMs: Math.round(performance.now() - (startedMs ?? 0)) };
  } finally {
    await producer.close();
  }
}

function producerOf({ place }: DemoOptions, store: ArchiveStore): Producer {
  const { redis, queue } = requireRole(place.config);
  const { source } = place;
  const { name: queueName, batch } = queue;
  return createProducer({ source, store, redis, queueName, batch, logger: quietLogger() });
}

async function restoreAndCompare(
  { place, signal }: DemoOptions,
  store: ArchiveStore,
  sealed: ReadonlyMap<string, string>,
): Promise<boolean> {
  const { name: source, naming } = place.source;
  const destination = join(place.root, 'restored');
  const threads = createThreadPool({ parallelism: await usableCores({ disk: nodeDisk }) });
  try {
    const places = { disk: nodeDisk, store, source, naming, destination };
    const { segments } = await restoreRange({ ...places, threads, signal });
    if (segments !== sealed.size) return false;
  } finally {
    await threads.close();
  }
  for (const [segment, sha256] of sealed) {
    if ((await sha256Of(join(destination, segment))) !== sha256) return false;
  }
  return true;
}

async function sizesIn(store: ArchiveStore, { source }: DemoPlace) {
  let bytesIn = 0;
  let bytesOut = 0;
  for await (const { bytes, objectBytes } of listArchive({
    store,
    source: source.name,
    naming: source.naming,
  })) {
    bytesIn += bytes;
    bytesOut += objectBytes;
  }
  return { bytesIn, bytesOut, ratio: Math.round((bytesIn / Math.max(1, bytesOut)) * 100) / 100 };
}

export const isSound = (report: DemoReport): boolean =>
  report.restoredIdentical && report.sourcesLeft === 0;

export function demoLines(report: DemoReport): string[] {
  const { segments, bytesIn, bytesOut, ratio, workers, drainMs } = report;
  const rate = showBytes((bytesIn / Math.max(1, drainMs)) * 1000);
  return [
    `sealed      ${showCount(segments, 'segment')}, ${showBytes(bytesIn)}, written while they were archived`,
    `archived    by ${workers} worker ${workers === 1 ? 'process' : 'processes'} in ${showDuration(drainMs)}, ${rate}/s`,
    `stored      ${showBytes(bytesOut)} (${showRatio(ratio)} smaller)`,
    `restored    ${report.restoredIdentical ? 'all of them, identical byte for byte' : 'NOT IDENTICAL'}`,
    `left        ${showCount(report.sourcesLeft, 'sealed segment file')}`,
  ];
}
