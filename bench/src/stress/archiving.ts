/** The four ways in which an engine's flush has its segments archived. */
import { createProducer } from '@walq/archive-queue';
import { loadConfig, type ConfiguredSource, type ConfigWith } from '@walq/config';
import {
  createCleaner,
  nodeDisk,
  openStore,
  type BatchReport,
  type Cleaner,
} from '@walq/wal-core/internal';
import { pino } from 'pino';
import { STRESS_SOURCE, type StressMode } from './workload.ts';

export interface Archiving {
  /** What the engine calls when it has flushed up to a segment. */
  flush(upTo: string): void;
  /** Resolves when all up to there is archived. */
  archived(upTo: string): Promise<void>;
  close(): Promise<void>;
}

interface StressPlace {
  readonly config: ConfigWith<'redis'>;
  readonly source: ConfiguredSource;
}

export async function readPlace(configPath: string): Promise<StressPlace> {
  const config = await loadConfig({ disk: nodeDisk, cwd: '/', env: process.env, configPath });
  const source = config.sources.find(({ name }) => name === STRESS_SOURCE);
  if (source === undefined) throw new Error('the configuration of a measurement has its source');
  return { config, source };
}

export const openArchiving: Readonly<Record<StressMode, (place: StressPlace) => Archiving>> = {
  off: () => ({
    flush: () => undefined,
    archived: async () => undefined,
    close: async () => undefined,
  }),
  synchronous: archiveBlocking,
  'in-process': archiveInProcess,
  queued: archiveQueued,
};

function archiveBlocking(place: StressPlace): Archiving {
  const cleaner = cleanerAt(place);
  const flush = (upTo: string) => requireAll(cleaner.cleanupUpToSync(upTo));
  return { flush, archived: async (upTo) => flush(upTo), close: () => cleaner.close() };
}

/** One call at a time; segments flushed during a call belong to the next one. */
function archiveInProcess(place: StressPlace): Archiving {
  const cleaner = cleanerAt(place);
  let requested: string | undefined;
  let running: Promise<void> | undefined;
  const run = async () => {
    for (let upTo = requested; upTo !== undefined; upTo = requested) {
      requested = undefined;
      requireAll(await cleaner.cleanupUpTo(upTo));
    }
    running = undefined;
  };
  const flush = (upTo: string): Promise<void> => {
    requested = upTo;
    return (running ??= run());
  };
  return {
    flush: (upTo) => {
      // `archived` reports a failure.
      flush(upTo).catch(() => undefined);
    },
    archived: flush,
    close: () => cleaner.close(),
  };
}

function archiveQueued({ config, source }: StressPlace): Archiving {
  if (config.redis === undefined) throw new Error('a measurement of the queue has a Redis');
  const producer = createProducer({
    source,
    store: openStore(source.archiveUrl, { disk: nodeDisk }),
    redis: config.redis,
    queueName: config.queue.name,
    logger: pino({ level: 'silent' }),
  });
  return {
    flush: (upTo) => producer.flushed(upTo),
    archived: async (upTo) => requireAll(await producer.flushedAndArchived(upTo)),
    close: () => producer.close(),
  };
}

function cleanerAt({ config, source }: StressPlace): Cleaner {
  return createCleaner({
    source,
    archiveUrl: source.archiveUrl,
    parallelism: config.wal.archiveParallelism,
    nice: config.wal.archiveNice,
    level: config.compression.level,
    conservative: config.wal.conservativeMode,
  });
}

function requireAll({ successCount, filesCount }: BatchReport): void {
  if (successCount === filesCount) return;
  throw new Error(`only ${successCount} of ${filesCount} segments were archived`);
}
