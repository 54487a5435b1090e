import { runWorker } from '@walq/archiver-worker';
import { startRedis, temporaryDirectory } from '@walq/test-support';
import { loadConfig, nodeDisk, type Config } from '@walq/wal-core';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { expect, test } from 'vitest';

type Line = Readonly<Record<string, unknown>>;

test('drains what is due, says so in one line, and ends', async () => {
  const { result, lines, left } = await drain({ 1: 'x'.repeat(1000), 2: 'y'.repeat(2000), 3: 'z' });
  expect(result).toEqual({ quarantined: 0 });
  expect(left).toEqual(['wal-3.bin']);
  const batches = lines.filter(({ msg }) => msg === 'Parallel batch archive complete');
  expect(batches).toMatchObject([{ success_count: 2, files_count: 2, bytes_in: 3000 }]);
  expect(batches[0]).toMatchObject({
    name: 'wal_archiver',
    ratio: expect.any(Number),
    throughput_mb_per_s: expect.any(Number),
    duration_ms: expect.any(Number),
    avg_file_ms: expect.any(Number),
  });
});

test('names a quarantined segment in its log and counts it in its result', async () => {
  const { result, lines, left } = await drain({ 1: '', 2: 'y', 3: 'z' });
  expect(result).toEqual({ quarantined: 1 });
  expect(left).toEqual(['wal-1.bin', 'wal-3.bin']);
  expect(lines.find(({ code }) => code === 'segment-malformed')).toMatchObject({
    segment: 'wal-1.bin',
    msg: expect.stringContaining('is empty'),
  });
});

/** Flushed up to the second of three segments; what the worker made of them. */
async function drain(segments: Readonly<Record<number, string>>) {
  const redis = await startRedis();
  const directory = await temporaryDirectory('worker');
  for (const name of ['wal', 'wal/.walq', 'archive']) await mkdir(directory.at(name));
  for (const [number, content] of Object.entries(segments)) {
    await writeFile(directory.at('wal', `wal-${number}.bin`), content);
  }
  await mark(directory.at('wal', '.walq'));
  const config = await configured(directory.path, redis.url);
  const lines: Line[] = [];
  const logger = pino({ name: 'wal_archiver' }, into(lines));
  const { signal } = new AbortController();
  const result = await runWorker({ config, logger, signal, untilEmpty: true, concurrency: 1 });
  const left = (await readdir(directory.at('wal'))).filter((name) => name !== '.walq');
  return { result, lines, left: left.toSorted() };
}

async function mark(walq: string): Promise<void> {
  const sourceId = '6f1c3c7e-3f0e-4f3a-9f0e-2b6d9f3a1c55';
  await writeFile(`${walq}/source.json`, JSON.stringify({ version: 1, sourceId }));
  const watermark = { version: 1, sourceId, segment: 'wal-2.bin' };
  await writeFile(`${walq}/watermark.json`, JSON.stringify(watermark));
}

async function configured(cwd: string, url: string) {
  const toml = `[archive]\nurl = "archive"\n[sources.ledger]\ntype = "directory"\npath = "wal"
    pattern = '^wal-(?<number>\\d+)\\.bin$'\nafter_archive = "delete"\n`;
  await writeFile(`${cwd}/walq.toml`, toml);
  const config: Config = await loadConfig({
    disk: nodeDisk,
    cwd,
    env: { WALQ_REDIS__URL: url },
  });
  const { redis } = config;
  if (redis === undefined) throw new Error('the environment names a Redis');
  return { ...config, redis };
}

const into = (lines: Line[]): Writable =>
  new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()) as Line);
      done();
    },
  });
