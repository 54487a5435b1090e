/**
 * Peak memory of a worker process, as the kernel counts it (VmHWM), while it drains segments of a size.
 *
 *     node dist/memory.js SEGMENT_MIB CONCURRENCY [SEGMENTS]
 */
import { createProducer } from '@walq/archive-queue';
import { nodeDisk, openStore } from '@walq/wal-core/internal';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { binarySource } from './binary-source.ts';
import { startRedis } from './redis.ts';
import { startWorker } from './worker.ts';

const HALF_MIB = 512 * 1024;
const [mib, concurrency, segments = '6'] = process.argv.slice(2);
if (mib === undefined || concurrency === undefined)
  throw new Error('usage: memory.js SEGMENT_MIB CONCURRENCY [SEGMENTS]');
const root = mkdtempSync(join(process.env['WALQ_BENCH_DIR'] ?? '/var/tmp', 'walq-bench-memory-'));
const redis = await startRedis();
try {
  const peak = await drain(Number(segments), Number(mib), Number(concurrency));
  console.log(`segments of ${mib} MiB, concurrency ${concurrency}: peak ${peak.toFixed(0)} MB`);
} finally {
  await redis.stop();
  rmSync(root, { recursive: true });
}

async function drain(count: number, sizeMib: number, threads: number): Promise<number> {
  const directory = join(root, 'wal');
  const archive = join(root, 'archive');
  for (const path of [directory, archive]) mkdirSync(path);
  for (let number = 1; number <= count + 1; number += 1) writeSegment(directory, number, sizeMib);
  const config = join(root, 'walq.toml');
  writeFileSync(config, configOf(directory, archive));
  const store = openStore(archive, { disk: nodeDisk });
  const source = binarySource('bench', directory);
  const producer = createProducer({
    source,
    store,
    redis: redis.url,
    logger: pino({ level: 'silent' }),
  });
  const worker = await startWorker({ configPath: config, concurrency: threads });
  try {
    await producer.flushedAndArchived(nameOf(count));
    return peakOf(worker.pid);
  } finally {
    await worker.stop();
    await producer.close();
  }
}

/** Half text that repeats, half noise: neither trivial nor incompressible. */
function writeSegment(directory: string, number: number, sizeMib: number): void {
  const file = openSync(join(directory, nameOf(number)), 'w');
  for (let written = 0; written < sizeMib; written += 1) {
    writeSync(file, randomBytes(HALF_MIB));
    writeSync(
      file,
      Buffer.alloc(HALF_MIB, `update orders set status = 'paid' where id = ${written}; `),
    );
  }
  closeSync(file);
}

/** MB = 10^6 bytes. */
function peakOf(pid: number): number {
  const kib = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kib) * 1024) / 1e6;
}

function nameOf(number: number): string {
  return `wal-${String(number).padStart(6, '0')}.bin`;
}

function configOf(directory: string, archive: string): string {
  return `
[redis]
url = "${redis.url}"
[archive]
url = "${archive}"
[sources.bench]
type = "directory"
path = "${directory}"
pattern = '^wal-(?<number>\\d+)\\.bin$'
after_archive = "delete"
`;
}
