/** `flushed()` on the queue, archived by resident worker processes, as in production. */
import { createProducer } from '@walq/archive-queue';
import { nodeDisk, openStore } from '@walq/wal-core/internal';
import { pino } from 'pino';
import { timeCall } from '../measure/process-meter.ts';
import { startWorker, type Role } from '../role.ts';
import { configAt, environmentOf, type Contestant, type Place, type Runner } from './contestant.ts';

export const queueWithWorkers = (count: number): Contestant => ({
  id: `queue-${count}`,
  title: count === 1 ? 'queue, 1 worker' : `queue, ${count} workers`,
  deletes: true,
  open: (place) => openQueue(place, count),
});

async function openQueue(place: Place, count: number): Promise<Runner> {
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
  const { signal } = place;
  return { clean: (upTo) => flushAndWait(producer, upTo, signal), close };
}

/** All that `flushed()` does before it returns is what the caller pays. */
async function flushAndWait(
  producer: Awaited<ReturnType<typeof producerFor>>,
  upTo: string,
  signal: AbortSignal,
) {
  let callMs = 0;
  const timed = await timeCall(() => {
    const startedMs = performance.now();
    producer.flushed(upTo);
    callMs = performance.now() - startedMs;
    return producer.flushedAndArchived(upTo, { signal });
  });
  return { ...timed, callMs };
}

export async function producerFor(place: Pick<Place, 'configPath' | 'env'>) {
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
