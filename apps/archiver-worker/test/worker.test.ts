import { runWorker } from '@walq/archiver-worker';
import { eventually, freePort, startRedis, temporaryDirectory } from '@walq/test-support';
import { loadConfig, type ConfigWith } from '@walq/config';
import { nodeDisk } from '@walq/wal-core/internal';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';

const version = '1.2.3';

/** In place of a segment's content: a symbolic link, which is no segment. */
const A_LINK = '->';

type Line = Readonly<Record<string, unknown>>;

test('archives what is due, logs one summary and ends', async () => {
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

test('has one name in its log and in the manifests that it writes', async () => {
  const { lines, archive } = await drain({ 1: 'x', 2: 'y', 3: 'z' });
  const ready = lines.find(({ msg }) => msg === 'worker ready');
  expect(ready?.['id']).toMatch(/^[^:]+:\d+:[0-9a-f]{8}$/);
  const files = await readdir(archive, { recursive: true });
  const objects = files.filter((file) => file.endsWith('.zst'));
  expect(objects).toHaveLength(2);
  for (const object of objects) {
    const content = await readFile(`${archive}/${object}`, 'latin1');
    expect(content).toContain(`"worker":"${String(ready?.['id'])}"`);
  }
});

test('logs a quarantined segment by name and counts it in its result', async () => {
  const { result, lines, left } = await drain({ 1: A_LINK, 2: 'y', 3: 'z' });
  expect(result).toEqual({ quarantined: 1 });
  expect(left).toEqual(['wal-1.bin', 'wal-3.bin']);
  expect(lines.find(({ code }) => code === 'segment-malformed')).toMatchObject({
    segment: 'wal-1.bin',
    msg: expect.stringContaining('is a symbolic link'),
  });
});

/** Flushed up to the second of three segments; what the worker made of them. */
async function drain(segments: Readonly<Record<number, string>>) {
  const redis = await startRedis();
  const directory = await newSource(segments);
  const config = await configured(directory.path, redis.url);
  const lines: Line[] = [];
  const logger = pino({ name: 'wal_archiver' }, into(lines));
  const { signal } = new AbortController();
  const result = await runWorker({
    config,
    logger,
    version,
    signal,
    untilEmpty: { stallTimeoutMs: 60_000 },
    concurrency: 1,
  });
  const left = (await readdir(directory.at('wal'))).filter((name) => name !== '.walq');
  return { result, lines, left: left.toSorted(), archive: directory.at('archive') };
}

async function newSource(segments: Readonly<Record<number, string>>) {
  const directory = await temporaryDirectory('worker');
  for (const name of ['wal', 'wal/.walq', 'archive']) await mkdir(directory.at(name));
  for (const [number, content] of Object.entries(segments)) {
    const path = directory.at('wal', `wal-${number}.bin`);
    await (content === A_LINK ? symlink('elsewhere', path) : writeFile(path, content));
  }
  await mark(directory.at('wal', '.walq'));
  return directory;
}

async function mark(walq: string): Promise<void> {
  const sourceId = '6f1c3c7e-3f0e-4f3a-9f0e-2b6d9f3a1c55';
  await writeFile(`${walq}/source.json`, JSON.stringify({ version: 1, sourceId }));
  const watermark = { version: 1, sourceId, segment: 'wal-2.bin' };
  await writeFile(`${walq}/watermark.json`, JSON.stringify(watermark));
}

async function configured(cwd: string, url: string, listen = 'off') {
  const toml = `[archive]\nurl = "archive"\n[sources.ledger]\ntype = "directory"\npath = "wal"
    pattern = '^wal-(?<number>\\d+)\\.bin$'\nafter_archive = "delete"\n`;
  await writeFile(`${cwd}/walq.toml`, toml);
  const config: ConfigWith<'redis'> = await loadConfig({
    disk: nodeDisk,
    cwd,
    env: { WALQ_REDIS__URL: url, WALQ_METRICS__LISTEN: listen },
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

test('exposes metrics for Prometheus without segment names', async () => {
  const redis = await startRedis();
  const directory = await newSource({ 1: 'x'.repeat(1000), 2: A_LINK, 3: 'z' });
  const port = await freePort();
  const config = await configured(directory.path, redis.url, `127.0.0.1:${port}`);
  const end = new AbortController();
  const logger = pino({ level: 'silent' });
  // Fills the queue and is done with it, so that what follows only archives.
  const worker = runWorker({ config, logger, version, signal: end.signal });
  const filling = runWorker({
    config: { ...config, metrics: { listen: 'off', allowedHosts: [] } },
    logger,
    version,
    signal: end.signal,
    untilEmpty: { stallTimeoutMs: 60_000 },
  });
  onTestFinished(async () => {
    end.abort();
    await worker;
  });
  await filling;
  const metrics = await eventually(async () => {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    return response.text();
  });
  expect(metrics).toContain('walq_segments_archived_total{source="ledger",outcome="archived"}');
  expect(metrics).toContain('walq_segments_archived_total{source="ledger",outcome="duplicate"} 0');
  expect(metrics).toMatch(/walq_stage_duration_seconds_count\{stage="confirm"\} \d/);
  expect(metrics).toContain('walq_worker_threads_busy 0');
  expect(metrics).toContain('walq_worker_without_progress 0');
  expect(metrics).toContain('walq_redis_available 1');
  expect(metrics).not.toContain('wal-1');
});
