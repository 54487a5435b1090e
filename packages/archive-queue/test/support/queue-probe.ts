import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import { queueNameOf } from '@walq/archive-queue';

export const QUEUE = 'wal-archive';

/** The queue of a source as any BullMQ client sees it. */
export function probeQueue(url: string, sourceName = 'orders'): Queue {
  const queue = new Queue(queueNameOf(QUEUE, sourceName), { connection: openClient(url) });
  queue.on('error', () => undefined);
  return queue;
}

/** A connection that stays quiet while Redis is down, as tests want it to be. */
export function openClient(url: string): Redis {
  const client = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  client.on('error', () => undefined);
  onTestFinished(() => client.disconnect());
  return client;
}

export function connectionTo(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}

export async function waitingNames(queue: Queue): Promise<string[]> {
  const jobs = await queue.getJobs(['waiting', 'active', 'delayed', 'prioritized']);
  return jobs.flatMap((job) => namesOf(job.data)).toSorted();
}

/** Ids of the connections that wait for the ends of jobs. */
export async function channels(url: string): Promise<string[]> {
  const list = (await openClient(url).client('LIST')) as string;
  const reading = list.split('\n').filter((line) => line.includes(' cmd=xread '));
  return reading.map((line) => /^id=(\d+)/.exec(line)?.[1] ?? '');
}

const namesOf = (data: { readonly segments?: readonly { readonly segment: string }[] }): string[] =>
  (data.segments ?? []).map(({ segment }) => segment);

/** The payload of a job of these segments. */
export const payloadOf = (sourceId: string | undefined, ...names: readonly string[]) => ({
  v: 2,
  sourceId,
  segments: names.map((segment) => ({ segment, bytes: 1, sealedAt: 1 })),
});
