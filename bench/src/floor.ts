/**
 * A backlog drained through the queue by one worker with two threads, beside the `zstd` tool with two
 * processes over the same files, which neither checks, fsyncs, queues nor deletes. Interleaved; medians.
 * The worker is resident, as in production: it has archived a few segments before the clock starts.
 *
 *     node dist/floor.js DIRECTORY [ROUNDS]
 */
import { createProducer } from '@walq/archive-queue';
import { hexadecimalNaming, nodeDisk, openStore, type Source } from '@walq/wal-core';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { median, spread } from './figures.ts';
import { startRedis } from './redis.ts';
import { startWorker } from './worker.ts';

const [input = usage(), roundsText = '5'] = process.argv.slice(2);
const rounds = Number(roundsText);
const THREADS = 2;
const LEVEL = 3;
/** Archived before the clock starts, and left out for both. */
const WARM_UP_SEGMENTS = 4;

const root = mkdtempSync(join(input, '..', 'walq-bench-floor-'));
const names = readdirSync(input)
  .filter((name) => hexadecimalNaming.parse(name) !== undefined)
  .toSorted();
/** The newest stays at the source. */
const measured = names.length - 1 - WARM_UP_SEGMENTS;
const floor: number[] = [];
const queue: number[] = [];
const redis = await startRedis();
try {
  for (let round = 0; round < rounds; round += 1) {
    floor.push(await inFreshCopy(runFloor));
    queue.push(await inFreshCopy(runQueue));
    console.log(
      `round ${round + 1}: zstd ${floor.at(-1)?.toFixed(2)} s, walq ${queue.at(-1)?.toFixed(2)} s`,
    );
  }
} finally {
  await redis.stop();
  rmSync(root, { recursive: true });
}
const ratios = queue.map((seconds, round) => seconds / (floor[round] ?? Number.NaN));
console.log(
  `${measured} segments, level ${LEVEL}, ${THREADS} threads, xxh3-64, read back and compared`,
);
console.log(`zstd, s  ${spread(floor)}`);
console.log(`walq, s  ${spread(queue)}`);
console.log(
  `walq / zstd, of medians ${(median(queue) / median(floor)).toFixed(2)}, round by round ${spread(ratios)}`,
);

/** The files are new each time, and in the page cache for both. */
async function inFreshCopy(run: (directory: string) => number | Promise<number>): Promise<number> {
  const directory = join(root, 'wal');
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  for (const name of names) copyFileSync(join(input, name), join(directory, name));
  execFileSync('sync');
  return run(directory);
}

function runFloor(directory: string): number {
  const out = join(root, 'floor');
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
  const files = names.slice(WARM_UP_SEGMENTS, -1).map((name) => join(directory, name));
  const startedMs = performance.now();
  const args = [`-P${THREADS}`, '-n4', 'zstd', `-${LEVEL}`, '-q', '--output-dir-flat', out];
  execFileSync('xargs', args, { input: files.join('\n') });
  return (performance.now() - startedMs) / 1000;
}

async function runQueue(directory: string): Promise<number> {
  const archive = join(root, 'archive');
  rmSync(archive, { recursive: true, force: true });
  mkdirSync(archive);
  const source = sourceAt(directory);
  const store = openStore(archive, { disk: nodeDisk });
  const queueName = `bench-${Date.now()}`;
  const producer = createProducer({
    source,
    store,
    redis: redis.url,
    queueName,
    logger: pino({ level: 'silent' }),
  });
  const config = join(root, 'walq.toml');
  writeFileSync(config, configOf(directory, archive, queueName));
  const worker = await startWorker(config, THREADS);
  try {
    await producer.flushedAndArchived(names[WARM_UP_SEGMENTS - 1] ?? usage());
    const { successCount, durationMs } = await producer.flushedAndArchived(names.at(-2) ?? usage());
    if (successCount !== measured) throw new Error(`only ${successCount} were archived`);
    return durationMs / 1000;
  } finally {
    await worker.stop();
    await producer.close();
  }
}

function sourceAt(directory: string): Source {
  return {
    name: 'main',
    directory,
    type: 'directory',
    naming: hexadecimalNaming,
    sealedRule: { kind: 'watermark' },
    afterArchive: 'delete',
    consecutive: false,
  };
}

function configOf(directory: string, archive: string, queueName: string): string {
  return `
[redis]
url = "${redis.url}"
[queue]
name = "${queueName}"
[compression]
level = ${LEVEL}
[archive]
url = "${archive}"
[sources.main]
type = "directory"
path = "${directory}"
pattern = '^(?<number>[0-9A-F]{24})$'
number_base = 16
consecutive = false
after_archive = "delete"
`;
}

function usage(): never {
  throw new Error(
    'usage: node dist/floor.js DIRECTORY [ROUNDS], a directory of at least two WAL segments',
  );
}
