import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRedis } from '@walq/test-support';
import {
  addWire,
  forgetWires,
  SimulatedJobById,
  SimulatedProcess,
  SimulatedQueue,
  SimulatedRedis,
  SimulatedServer,
  SimulatedWorker,
  Wire,
  World,
} from '@walq/simulation';
import {
  countSegments,
  heldSegments,
  RedisLink,
  updateLockedJob,
} from '@walq/archive-queue/testing';
import { DelayedError, Job, Queue, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import { pino } from 'pino';
import { describe, onTestFinished, test } from 'vitest';
import {
  BACKOFF_MS,
  LOCK_MS,
  PATIENCE_MS,
  queuePromises,
  STALLED_CHECK_MS,
  type QueuePlace,
  type TestedProcessor,
} from './queue-conformance.ts';

const errors = {
  waiting: () => new WaitingError(),
  delayed: () => new DelayedError(),
  unrecoverable: () => new UnrecoverableError('for good'),
};

const settings = {
  concurrency: 1,
  autorun: false,
  lockDuration: LOCK_MS,
  stalledInterval: STALLED_CHECK_MS,
  maxStalledCount: 1_000,
  removeOnComplete: { age: 3_600, count: 1_000 },
  removeOnFail: { age: 3_600, count: 1_000 },
  settings: { backoffStrategy: () => BACKOFF_MS },
};

type Client = RedisLink['connection'];

/** As walq's queue reads the jobs, and updates them. */
const scripts = (client: Client, queue: { toKey(key: string): string }) => {
  const toKey = (key: string): string => queue.toKey(key);
  return {
    counts: () => countSegments(client, toKey),
    held: (sourceId: string) => heldSegments(client, toKey, sourceId),
    updateLocked: (id: string, token: string, data: object) =>
      updateLockedJob(client, toKey(id), token, data),
    delayedUntil: (ids: readonly string[]) => client.zmscore(toKey('delayed'), [...ids]),
  };
};

async function realPlace(): Promise<QueuePlace> {
  const redis = await startRedis();
  const { hostname: host, port } = new URL(redis.url);
  const connection = { host, port: Number(port), maxRetriesPerRequest: null };
  const queue = new Queue('tested', { connection });
  onTestFinished(() => queue.close());
  const logger = pino({ level: 'silent' });
  const link = new RedisLink({ location: redis.url, logger, queueName: 'tested' });
  onTestFinished(() => link.close());
  await link.untilReady(PATIENCE_MS);
  return {
    queue,
    ...scripts(link.connection, queue),
    errors,
    sleep: (ms) => sleep(ms),
    worker: (process, { name = 'worker' } = {}) => {
      // BullMQ gives a signal only to a function that declares it.
      const worker = new Worker(
        'tested',
        (job, token, signal) => process(job, token ?? '', signal as AbortSignal),
        { ...settings, connection, name },
      );
      worker.on('error', () => undefined);
      onTestFinished(() => worker.close(true));
      return worker;
    },
    promote: (id) => new Job(queue, 'archive', undefined, {}, id).promote(),
    flushAll: () => sendCommand(Number(port), 'FLUSHALL'),
    loseLock: (id) => sendCommand(Number(port), `DEL bull:tested:${id}:lock`),
  };
}

/** Sends one command to Redis, not through BullMQ. */
async function sendCommand(port: number, command: string): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`${command}\r\n`);
  await once(socket, 'data');
  socket.destroy();
  await once(socket, 'close');
}

/** As its own process, on the clock of the machine. */
async function simulatedPlace(): Promise<QueuePlace> {
  const world = new World(1);
  const server = new SimulatedServer(() => world.nowMs);
  const process = new SimulatedProcess(world, 'tested', { name: 'host', skewMs: 0 });
  addWire(new Wire(world, process, server));
  onTestFinished(forgetWires);
  const following = follow(world);
  onTestFinished(following.stop);
  const connection = world.as(process, () => new SimulatedRedis({ host: 'tested' }));
  const queue = new SimulatedQueue('tested', { connection });
  return {
    queue,
    ...scripts(connection as unknown as Client, queue),
    errors,
    sleep: (ms) => sleep(ms),
    worker: (work: TestedProcessor) => {
      const options = { ...settings, connection: { host: 'tested' } };
      const worker = world.as(process, () => new SimulatedWorker('tested', work, options));
      worker.on('error', () => undefined);
      onTestFinished(() => worker.close());
      return worker;
    },
    promote: (id) => new SimulatedJobById(queue, 'archive', undefined, {}, id).promote(),
    flushAll: async () => server.flushAll(),
    loseLock: async (id) => server.queue('tested').expireLock(id),
  };
}

/** Advances a world with the machine's own clock. */
function follow(world: World): { stop: () => Promise<void> } {
  let isStopped = false;
  const going = (async () => {
    const startedMs = performance.now();
    while (!isStopped) {
      const nowMs = performance.now() - startedMs;
      await world.run(() => world.nowMs > nowMs, nowMs);
      world.nowMs = Math.max(world.nowMs, nowMs);
      await sleep(2);
    }
  })();
  const stop = async (): Promise<void> => {
    isStopped = true;
    await going;
  };
  return { stop };
}

for (const [name, create] of [
  ['BullMQ', realPlace],
  ['the simulated queue', simulatedPlace],
] as const) {
  describe(`${name} is a queue as walq knows it`, () => {
    for (const { promise, test: tried } of queuePromises) {
      test(`it ${promise}`, async () => tried(await create()));
    }
  });
}
