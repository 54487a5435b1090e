/**
 * Puts the simulated queue in the place of the packages bullmq and ioredis, module by module as walq loads them, for
 * this process: whatever is loaded after this gets it. walq's own code is what it is in production, to the last line.
 */
import { createRequire } from 'node:module';
import { SimulatedJobById, SimulatedQueue } from './simulated-queue.ts';
import { SimulatedRedis } from './simulated-redis.ts';
import { SimulatedWorker } from './simulated-worker.ts';

export function substituteQueue(): void {
  const own = createRequire(import.meta.url);
  const theirs = createRequire(own.resolve('@walq/archive-queue'));
  replace(theirs, 'bullmq/dist/cjs/classes/job', { Job: SimulatedJobById });
  replace(theirs, 'bullmq/dist/cjs/classes/queue', { Queue: SimulatedQueue });
  replace(theirs, 'bullmq/dist/cjs/classes/worker', { Worker: SimulatedWorker });
  replace(theirs, 'ioredis', { Redis: SimulatedRedis });
}

function replace(
  require: NodeJS.Require,
  name: string,
  parts: Readonly<Record<string, unknown>>,
): void {
  const real = require(name) as object;
  const loaded = require.cache[require.resolve(name)];
  if (loaded === undefined) throw new Error(`${name} is not where it is loaded from`);
  loaded.exports = { ...real, ...parts };
}
