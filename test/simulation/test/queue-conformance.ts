/** What walq relies on of BullMQ: tests for the real one and the simulated one, so that it promises nothing else. */
import type { QueueCounts } from '@walq/archive-queue';
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';

export interface TestedJob {
  readonly id?: string;
  readonly data: unknown;
  readonly stalledCounter: number;
  moveToWait(token: string): Promise<unknown>;
  moveToDelayed(untilMs: number, token: string): Promise<void>;
}

export interface TestedWorker {
  on(event: 'error', listener: (error: Error) => void): unknown;
  run(): Promise<unknown>;
  pause(doNotWait: boolean): Promise<unknown>;
  resume(): unknown;
  cancelJob(id: string, reason?: string): boolean;
  close(force: boolean): Promise<unknown>;
}

export type TestedProcessor = (
  job: TestedJob,
  token: string,
  signal: AbortSignal,
) => Promise<unknown>;

export interface AddedJob {
  readonly name: string;
  readonly data: object;
  readonly opts: {
    readonly jobId: string;
    readonly timestamp: number;
    readonly attempts: number;
    readonly backoff: { readonly type: string };
    readonly lifo?: boolean;
    readonly delay?: number;
  };
}

export interface TestedQueue {
  addBulk(jobs: AddedJob[]): Promise<unknown>;
  getJobState(id: string): Promise<string>;
  remove(id: string): Promise<number>;
  pause(): Promise<unknown>;
  resume(): Promise<unknown>;
  isPaused(): Promise<boolean>;
}

export interface QueuePlace {
  readonly queue: TestedQueue;
  /** What walq's scripts read. */
  counts(): Promise<QueueCounts>;
  held(sourceId: string): Promise<ReadonlySet<string>>;
  /** walq's script that replaces a job's payload. */
  updateLocked(id: string, token: string, data: object): Promise<void>;
  /** When these jobs are due, as Redis has it; null for those that are not delayed. */
  delayedUntil(ids: readonly string[]): Promise<readonly (string | number | null)[]>;
  readonly errors: { waiting: () => Error; delayed: () => Error; unrecoverable: () => Error };
  worker(process: TestedProcessor, options?: { readonly name?: string }): TestedWorker;
  flushAll(): Promise<void>;
  /** Of a job of which only the id is known. */
  promote(id: string): Promise<void>;
  /** A worker that is cut off: it renews no lock any more, and does not hear that. */
  loseLock(id: string): Promise<void>;
  sleep(ms: number): Promise<void>;
}

export interface QueuePromise {
  readonly promise: string;
  readonly test: (place: QueuePlace) => Promise<void>;
}

/** How long a lock holds in these tests, and how soon a stalled job is seen; milliseconds. */
export const LOCK_MS = 1_000;
export const STALLED_CHECK_MS = 500;
export const BACKOFF_MS = 300;
export const PATIENCE_MS = 60_000;

const jobOf = (id: string, options: Partial<AddedJob['opts']> = {}): AddedJob => ({
  name: 'archive',
  data: { id },
  opts: { jobId: id, timestamp: 1, attempts: 1_000, backoff: { type: 'walq' }, ...options },
});

const add = (queue: TestedQueue, ...ids: string[]) => queue.addBulk(ids.map((id) => jobOf(id)));

async function until({ sleep }: QueuePlace, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < PATIENCE_MS; waited += 20) {
    if (await isSo()) return;
    await sleep(20);
  }
  throw new Error('it did not come about');
}

/** A worker's loop ends with its place. */
const ended = (): void => undefined;

const isIn = (place: QueuePlace, id: string, state: string) => async (): Promise<boolean> =>
  (await place.queue.getJobState(id)) === state;

export const queuePromises: readonly QueuePromise[] = [
  {
    promise: 'hands out jobs in the order in which they were added',
    test: async (place) => {
      await add(place.queue, 's-a', 's-b');
      await add(place.queue, 's-c');
      const taken: unknown[] = [];
      place
        .worker(async ({ id }) => taken.push(id))
        .run()
        .catch(ended);
      await until(place, () => taken.length === 3);
      expect(taken).toEqual(['s-a', 's-b', 's-c']);
    },
  },
  {
    promise: 'hands out jobs that are added at the head first, the last of them before the others',
    test: async (place) => {
      await add(place.queue, 's-c');
      await place.queue.addBulk(['s-b', 's-a'].map((id) => jobOf(id, { lifo: true })));
      const taken: unknown[] = [];
      place
        .worker(async ({ id }) => taken.push(id))
        .run()
        .catch(ended);
      await until(place, () => taken.length === 3);
      expect(taken).toEqual(['s-a', 's-b', 's-c']);
    },
  },
  {
    promise: 'delays a job from its timestamp on, and says which jobs are delayed',
    test: async (place) => {
      const timestamp = Date.now();
      await place.queue.addBulk([jobOf('s-a', { timestamp, delay: 3_600_000 })]);
      await place.queue.addBulk([jobOf('s-b', { timestamp, delay: BACKOFF_MS })]);
      expect(await place.queue.getJobState('s-a')).toBe('delayed');
      const [a, b, c] = await place.delayedUntil(['s-a', 's-b', 's-c']);
      expect([a, b, c].map((score) => score === null)).toEqual([false, false, true]);
      place
        .worker(async () => undefined)
        .run()
        .catch(ended);
      await until(place, isIn(place, 's-b', 'completed'));
      expect(await place.queue.getJobState('s-a')).toBe('delayed');
    },
  },
  {
    promise: 'counts and names the segments of waiting and active jobs',
    test: async (place) => {
      const { queue } = place;
      const sourceId = randomUUID();
      const data = (...names: string[]) => ({
        v: 2,
        sourceId,
        segments: names.map((segment) => ({ segment, bytes: 1, sealedAt: 1 })),
      });
      await queue.addBulk([
        { ...jobOf('b-a~-c~-3'), data: data('a', 'b', 'c') },
        { ...jobOf('s-d'), data: data('d') },
        { ...jobOf('s-other'), data: { ...data('e'), sourceId: randomUUID() } },
        { ...jobOf('s-f', { delay: 3_600_000, timestamp: Date.now() }), data: data('f') },
      ]);
      expect(await place.counts()).toEqual({ waiting: 5, active: 0, delayed: 1, failed: 0 });
      let end: () => void = () => undefined;
      place
        .worker(() => new Promise<void>((resolve) => (end = resolve)))
        .run()
        .catch(ended);
      await until(place, isIn(place, 'b-a~-c~-3', 'active'));
      expect(await place.counts()).toEqual({ waiting: 2, active: 3, delayed: 1, failed: 0 });
      expect([...(await place.held(sourceId))].toSorted()).toEqual(['a', 'b', 'c', 'd']);
      end();
      await until(place, async () => (await place.counts()).active === 1);
      expect([...(await place.held(sourceId))]).toEqual(['d']);
    },
  },
  {
    promise: 'ignores a job whose id is there, in whatever state, until it is removed',
    test: async (place) => {
      const { queue } = place;
      await add(queue, 's-a', 's-a');
      expect((await place.counts()).waiting).toBe(1);
      let runs = 0;
      place
        .worker(async () => (runs += 1))
        .run()
        .catch(ended);
      await until(place, isIn(place, 's-a', 'completed'));
      await add(queue, 's-a');
      expect(await queue.getJobState('s-a')).toBe('completed');
      expect(await queue.remove('s-a')).toBe(1);
      expect(await queue.getJobState('s-a')).toBe('unknown');
      await add(queue, 's-a');
      await until(place, () => runs === 2);
    },
  },
  {
    promise: 'keeps the id of a job that failed for good',
    test: async (place) => {
      const { queue, errors } = place;
      await add(queue, 's-a');
      place
        .worker(() => Promise.reject(errors.unrecoverable()))
        .run()
        .catch(ended);
      await until(place, isIn(place, 's-a', 'failed'));
      await add(queue, 's-a');
      expect(await queue.getJobState('s-a')).toBe('failed');
      expect(await queue.remove('s-a')).toBe(1);
    },
  },
  {
    promise: 'delays a job that failed, and hands it out again, at once where it is promoted',
    test: async (place) => {
      await add(place.queue, 's-a');
      let runs = 0;
      const worker = place.worker(async (job, token) => {
        runs += 1;
        if (runs === 1) throw new Error('once');
        if (runs === 3) return;
        await job.moveToDelayed(Date.now() + 3_600_000, token);
        throw place.errors.delayed();
      });
      worker.run().catch(ended);
      await until(place, () => runs === 2);
      await until(place, isIn(place, 's-a', 'delayed'));
      await place.promote('s-a');
      await until(place, isIn(place, 's-a', 'completed'));
      await expect(place.promote('s-a')).rejects.toMatchObject({ code: -3 });
      await expect(place.promote('s-unknown')).rejects.toMatchObject({ code: -3 });
    },
  },
  {
    promise: 'does not remove a job that a worker holds',
    test: async (place) => {
      await add(place.queue, 's-a');
      let end: () => void = () => undefined;
      place
        .worker(() => new Promise<void>((resolve) => (end = resolve)))
        .run()
        .catch(ended);
      await until(place, isIn(place, 's-a', 'active'));
      await place.sleep(2 * LOCK_MS);
      expect(await place.queue.remove('s-a').catch(() => 0)).toBe(0);
      end();
      await until(place, isIn(place, 's-a', 'completed'));
    },
  },
  {
    promise: 'hands a returned job to the next worker immediately',
    test: async (place) => {
      await add(place.queue, 's-a', 's-b');
      const taken: unknown[] = [];
      const worker = place.worker(async (job, token) => {
        taken.push(job.id);
        if (taken.length > 1) return;
        await job.moveToWait(token);
        throw place.errors.waiting();
      });
      worker.run().catch(ended);
      await until(place, isIn(place, 's-b', 'completed'));
      expect(taken).toEqual(['s-a', 's-a', 's-b']);
    },
  },
  {
    promise:
      'gives a job whose lock ran out to another, counts the stall, and takes no end from the first',
    test: async (place) => {
      await add(place.queue, 's-a');
      const stalls: number[] = [];
      const ends: (() => void)[] = [];
      const process: TestedProcessor = ({ stalledCounter }) => {
        stalls.push(stalledCounter);
        return new Promise<void>((resolve) => ends.push(resolve));
      };
      const errors: Error[] = [];
      const first = place.worker(process, { name: 'first' });
      first.on('error', (error: Error) => errors.push(error));
      first.run().catch(ended);
      await until(place, () => stalls.length === 1);
      await place.loseLock('s-a');
      const second = place.worker(process, { name: 'second' });
      second.on('error', () => undefined);
      second.run().catch(ended);
      await until(place, () => stalls.length === 2);
      expect(stalls).toEqual([0, 1]);
      ends[0]?.();
      await until(place, () => errors.some(({ message }) => /lock/i.test(message)));
      expect(await place.queue.getJobState('s-a')).toBe('active');
      ends[1]?.();
      await until(place, isIn(place, 's-a', 'completed'));
    },
  },
  {
    promise:
      'lets only the holder of the lock replace the payload of a job, and only while it holds',
    test: async (place) => {
      await add(place.queue, 's-a');
      const taken: unknown[] = [];
      const update = (id: string, token: string, by: string) =>
        place.updateLocked(id, token, { id, by });
      const worker = place.worker(async ({ id = '', data }, token) => {
        taken.push(data);
        if (taken.length === 3) return;
        await update(id, token, `attempt ${taken.length}`);
        await update(id, `${token}?`, 'another');
        await update('s-unknown', token, 'nobody');
        if (taken.length === 1) throw new Error('once more');
        await place.loseLock(id);
        await update(id, token, 'too late');
      });
      worker.run().catch(ended);
      await until(place, isIn(place, 's-a', 'completed'));
      expect(taken).toEqual([
        { id: 's-a' },
        { id: 's-a', by: 'attempt 1' },
        { id: 's-a', by: 'attempt 2' },
      ]);
    },
  },
  {
    promise: 'hands out nothing of a paused queue until it is resumed',
    test: async (place) => {
      await place.queue.pause();
      expect(await place.queue.isPaused()).toBe(true);
      await add(place.queue, 's-a');
      let runs = 0;
      place
        .worker(async () => (runs += 1))
        .run()
        .catch(ended);
      await place.sleep(2 * LOCK_MS);
      expect(runs).toBe(0);
      await place.queue.resume();
      await until(place, () => runs === 1);
    },
  },
  {
    promise: 'forgets everything with Redis, and continues with what is added after it',
    test: async (place) => {
      await add(place.queue, 's-a', 's-b');
      let end: () => void = () => undefined;
      const taken: unknown[] = [];
      const errors: Error[] = [];
      const worker = place.worker(({ id }) => {
        taken.push(id);
        return taken.length > 1
          ? Promise.resolve()
          : new Promise<void>((resolve) => (end = resolve));
      });
      worker.on('error', (error: Error) => errors.push(error));
      worker.run().catch(ended);
      await until(place, isIn(place, 's-a', 'active'));
      await place.flushAll();
      expect(await place.queue.getJobState('s-a')).toBe('unknown');
      end();
      await until(place, () => errors.length > 0);
      await add(place.queue, 's-c');
      await until(place, isIn(place, 's-c', 'completed'));
      expect(taken).toEqual(['s-a', 's-c']);
    },
  },
  {
    promise: 'cancels the signal of a job, and takes none while paused',
    test: async (place) => {
      await add(place.queue, 's-a');
      const reasons: unknown[] = [];
      const worker = place.worker(
        (_job, _token, signal) =>
          new Promise<void>((resolve) => {
            signal.addEventListener('abort', () => {
              reasons.push(signal.reason);
              resolve();
            });
          }),
      );
      worker.run().catch(ended);
      await until(place, isIn(place, 's-a', 'active'));
      await worker.pause(true);
      await add(place.queue, 's-b');
      worker.cancelJob('s-a', 'enough');
      await until(place, isIn(place, 's-a', 'completed'));
      expect(reasons.map(String).join()).toContain('enough');
      await place.sleep(LOCK_MS);
      expect(await place.queue.getJobState('s-b')).toBe('waiting');
      Promise.resolve(worker.resume()).catch(ended);
      await until(place, isIn(place, 's-b', 'active'));
      worker.cancelJob('s-b', 'enough');
      await until(place, isIn(place, 's-b', 'completed'));
    },
  },
];
