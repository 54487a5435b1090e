/** How long `flushed()` takes on the caller's path, at 10,000 flushes a second, with Redis up and down. */
import { createProducer } from '@walq/archive-queue';
import { logNaming, logSource, nodeDisk, openStore, type Source } from '@walq/wal-core/internal';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { inOrder, percentile } from './figures.ts';
import { NO_REDIS_URL, startRedis } from './redis.ts';

const SECONDS = 10;
const FLUSHES_PER_MS = 10;
const SEGMENTS = 1_000;

const redis = await startRedis();
await measure('redis up', redis.url);
await redis.stop();
await measure('redis down', NO_REDIS_URL);

async function measure(title: string, url: string): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'walq-bench-flushed-'));
  const source = await prepareSource(root);
  const store = openStore(join(root, 'archive'), { disk: nodeDisk });
  const logger = pino({ level: 'silent' });
  const producer = createProducer({ source, store, redis: url, logger });
  const microseconds = await flushSteadily((upTo) => producer.flushed(upTo));
  await producer.close();
  await rm(root, { recursive: true });
  report(title, microseconds);
}

async function prepareSource(root: string): Promise<Source> {
  const directory = join(root, 'wal');
  await mkdir(directory);
  await mkdir(join(root, 'archive'));
  for (let number = 1; number <= SEGMENTS; number += 1) {
    await writeFile(join(directory, nameOf(BigInt(number))), 'a sealed segment');
  }
  return logSource({ name: 'bench', directory });
}

async function flushSteadily(flushed: (upTo: bigint) => void): Promise<number[]> {
  const microseconds: number[] = [];
  const startedMs = performance.now();
  for (let done = 0; done < SECONDS * 1000 * FLUSHES_PER_MS;) {
    const scheduled = Math.floor((performance.now() - startedMs) * FLUSHES_PER_MS);
    for (; done < scheduled; done += 1) microseconds.push(timeOf(flushed, done));
    await sleep(1);
  }
  return microseconds;
}

/** Every flush moves the watermark on, up to the last segment but one, then names it again. */
function timeOf(flushed: (upTo: bigint) => void, done: number): number {
  const upTo = BigInt(Math.min(SEGMENTS - 1, 1 + Math.floor(done / 100)));
  const startedNs = process.hrtime.bigint();
  flushed(upTo);
  return Number(process.hrtime.bigint() - startedNs) / 1000;
}

function report(title: string, microseconds: readonly number[]): void {
  const sorted = inOrder(microseconds);
  const [p50, p99, p999] = [0.5, 0.99, 0.999].map((share) => percentile(sorted, share).toFixed(2));
  const max = sorted.at(-1)?.toFixed(1);
  console.log(
    `${title}: ${sorted.length} calls of flushed(), µs: p50 ${p50}  p99 ${p99}  p99.9 ${p999}  max ${max}`,
  );
}

function nameOf(number: bigint): string {
  const name = logNaming.nameOf?.(number);
  if (name === undefined) throw new Error('the log names its segments by number');
  return name;
}
