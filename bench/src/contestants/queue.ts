/** `flushed()` on the queue, archived by resident worker processes, as in production. */
import { createProducer, type Producer } from '@walq/archive-queue';
import { nodeDisk, openStore } from '@walq/wal-core/internal';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { timed } from '../measure/process-meter.ts';
import { startWorker, type Role } from '../role.ts';
import { configAt, environmentOf, type Contestant, type Place, type Runner } from './contestant.ts';

/** As an engine that does not wait: `flushed()` alone. The end is seen from outside. */
export const queueWithWorkers = (count: number): Contestant => ({
  id: `queue-${count}`,
  title: count === 1 ? 'queue, 1 worker' : `queue, ${count} workers`,
  deletes: true,
  open: (place) =>
    openQueue(place, count, (producer, upTo) => {
      producer.flushed(upTo);
      return untilNoneIsLeft(place, upTo);
    }),
});

/** As an engine that waits: what the report of each segment costs its process is part of the figures. */
export const queueAwaited: Contestant = {
  id: 'queue-awaited',
  title: 'queue, 1 worker, awaited',
  deletes: true,
  open: (place) =>
    openQueue(place, 1, (producer, upTo) =>
      producer.flushedAndArchived(upTo, { signal: place.signal }),
    ),
};

type Archive = (producer: Producer, upTo: string) => Promise<unknown>;

async function openQueue(place: Place, count: number, archive: Archive): Promise<Runner> {
  const producer = await producerFor(place);
  const workers: Role[] = [];
  const close = async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    await producer.close();
  };
  try {
    for (let number = 0; number < count; number += 1) workers.push(await workerFor(place, count));
  } catch (error) {
    await close();
    throw error;
  }
  return { clean: (upTo) => timed(() => archive(producer, upTo)), close };
}

const CHECK_INTERVAL_MS = 5;
/** Whoever verifies then says what is missing. */
const GIVE_UP_AFTER_MS = 600_000;

/** A source is deleted when it is archived. One call for each check, until the last segment is gone. */
async function untilNoneIsLeft({ sourceDirectory, signal }: Place, upTo: string): Promise<void> {
  const last = join(sourceDirectory, upTo);
  const isLeft = (): boolean =>
    existsSync(last) ||
    readdirSync(sourceDirectory).some((name) => !name.startsWith('.') && name <= upTo);
  const giveUpMs = performance.now() + GIVE_UP_AFTER_MS;
  while (isLeft() && performance.now() < giveUpMs) {
    await sleep(CHECK_INTERVAL_MS, undefined, { signal });
  }
}

export async function producerFor(place: Pick<Place, 'configPath' | 'env'>): Promise<Producer> {
  const { config, source } = await configAt(place.configPath, place.env);
  if (config.redis === undefined) throw new Error('a measurement of the queue has a Redis');
  return createProducer({
    source,
    store: openStore(source.archiveUrl, { disk: nodeDisk }),
    redis: config.redis,
    queueName: config.queue.name,
    logger: pino({ level: 'silent' }),
  });
}

/** The workers share the cores that one alone would have. */
const workerFor = ({ configPath, parallelism, walq, env }: Place, count: number) =>
  startWorker(Math.ceil(parallelism / count), { configPath, walq, env: environmentOf(env) });
