/**
 * Does everything that roles do with a queue, from adding a job to removing it, in a temporary queue. So `walq check`
 * finds a missing permission of the Redis user before a role does.
 */
import type { Logger } from 'pino';
import { z } from 'zod';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Worker, type Job } from '../bullmq.ts';
import { isConnectionError } from '../connection/redis-errors.ts';
import { RedisLink } from '../connection/redis-link.ts';
import type { RedisLocation } from '../connection/redis-settings.ts';
import { bullWorkerOptions } from '../consume/worker-options.ts';
import { JOB_VERSION, type ArchiveJob } from '../job/archive-job.ts';
import { resultOf, type JobResult } from '../job/job-ending.ts';
import { withDeadline } from '../deadline.ts';
import { ArchiveQueue } from '../queue/archive-queue.ts';
import { pauseBy } from '../queue/pause.ts';
import { RoleRegistry } from './role-registry.ts';

export interface TryQueueOptions {
  readonly redis: RedisLocation;
  readonly logger: Logger;
  /** Prefix of the queue names. */
  readonly queueName: string;
  /** @default 5000 */
  readonly deadlineMs?: number;
}

const DEADLINE_MS = 5_000;
const LOCK_MS = 30_000;
const CLOSE_MAX_MS = 1_000;
const SEGMENT = 'check';

/** @throws WalqError `redis-unavailable` that names the failed step, with the server's own message */
export async function tryQueue(options: TryQueueOptions): Promise<void> {
  const { redis: location, logger, queueName, deadlineMs = DEADLINE_MS } = options;
  const link = new RedisLink({ location, logger, queueName, deadlineMs });
  // A dot: no source has this name.
  const name = `${queueName}-.check-${randomUUID().slice(0, 8)}`;
  const queue = new ArchiveQueue(link, name, { skipVersionCheck: true });
  try {
    await link.untilReady(deadlineMs);
    await queue.add([job()]);
    await link.call('take and finish a job', () => takeTwice(options, name, queue));
    await operate(queue);
    await list(link);
    await queue.destroy();
  } catch (error) {
    await queue.destroy().catch(() => undefined);
    throw error;
  } finally {
    link.close();
  }
}

/** Fails the job once, retries it and completes it, as with an archive that was unavailable for a while. */
async function takeTwice(
  { redis, deadlineMs = DEADLINE_MS }: TryQueueOptions,
  queueName: string,
  queue: ArchiveQueue,
): Promise<void> {
  const failing = new AbortController();
  let attempts = 0;
  const work = async (taken: Job): Promise<JobResult> => {
    attempts += 1;
    await taken.updateData({ ...job(), stallsSurvived: 0 });
    if (attempts === 1) throw new Error('the first attempt of a check fails');
    return resultOf([{ segment: SEGMENT, ending: { kind: 'dropped', why: 'no-segment' } }]);
  };
  const worker = new Worker(queueName, work, {
    ...bullWorkerOptions(redis, LOCK_MS),
    name: SEGMENT,
    concurrency: 1,
  });
  worker.on('error', (error) => {
    // The link to the same server reports connection errors.
    if (!isConnectionError(error)) failing.abort(error);
  });
  worker.run().catch((error: unknown) => failing.abort(error));
  try {
    const done = untilCompleted(queue, failing.signal);
    await withDeadline(Promise.race([done, failed(failing.signal)]), deadlineMs, 'a job');
  } finally {
    failing.abort();
    await withDeadline(worker.close(true), CLOSE_MAX_MS, 'closing a worker').catch(() => undefined);
  }
}

const POLL_MS = 20;

async function untilCompleted(queue: ArchiveQueue, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await queue.retry(SEGMENT);
    if ((await queue.completed(1)).length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function failed(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason as Error;
}

/** The calls of producers, workers, operators and the archive page. */
async function operate(queue: ArchiveQueue): Promise<void> {
  await queue.counts();
  await queue.held(randomUUID());
  await queue.delayedAmong([SEGMENT]);
  await queue.retryMistimed(LOCK_MS);
  await queue.pause(pauseBy(SEGMENT));
  await queue.pauseInForce();
  await queue.resume();
  // The ended job of this segment is replaced.
  await queue.addDelayed([[job(), LOCK_MS]]);
}

/** The calls with which roles register. */
async function list(link: RedisLink): Promise<void> {
  const schema = z.object({ id: z.string() });
  const registry = new RoleRegistry({ link, queueName: link.queueName, role: 'check', schema });
  const id = randomUUID();
  await registry.write({ id });
  await registry.list();
  await registry.remove(id);
}

const job = (): ArchiveJob => ({
  v: JOB_VERSION,
  sourceId: randomUUID(),
  segments: [{ segment: SEGMENT, bytes: 0, sealedAt: Date.now() }],
});
