import { createObserver } from '@walq/archive-queue';
import { runProducer } from '@walq/producer';
import { eventually, startRedis, temporaryDirectory } from '@walq/test-support';
import { loadConfig } from '@walq/config';
import { nodeDisk } from '@walq/wal-core/internal';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';

test('enqueues segments as soon as an engine in any language has marked them as flushed', async () => {
  const redis = await startRedis();
  const directory = await temporaryDirectory('producer');
  for (const name of ['wal', 'archive']) await mkdir(directory.at(name));
  for (const n of [1, 2, 3, 4]) await writeFile(directory.at('wal', `wal-${n}.bin`), 'x');
  const config = await configured(directory.path, redis.url);
  const logger = pino({ level: 'silent' });
  const end = new AbortController();
  const running = runProducer({ config, logger, version: '1.2.3', signal: end.signal });
  onTestFinished(async () => {
    end.abort();
    await running;
  });

  // As docs/FORMAT.md describes for engines.
  const walq = (name: string) => directory.at('wal', '.walq', name);
  const identity = await eventually(async () => readFile(walq('source.json'), 'utf8'));
  const { sourceId } = JSON.parse(identity) as { sourceId: string };
  await writeFile(walq('new'), JSON.stringify({ version: 1, sourceId, segment: 'wal-3.bin' }));
  await rename(walq('new'), walq('watermark.json'));

  const observer = createObserver({ redis: redis.url, logger, sources: ['ledger'] });
  onTestFinished(() => observer.close());
  await eventually(async () => {
    expect((await observer.queueCounts())['ledger']).toMatchObject({ waiting: 3 });
  });
  await eventually(async () => {
    const [producer] = await observer.producers();
    expect(producer).toMatchObject({
      version: '1.2.3',
      sources: { ledger: { figures: { archivedSegments: 0, openGaps: 0 } } },
    });
  });
});

async function configured(cwd: string, url: string) {
  const toml = `[archive]\nurl = "archive"\n[sources.ledger]\ntype = "directory"\npath = "wal"
    pattern = '^wal-(?<number>\\d+)\\.bin$'\nafter_archive = "delete"\n`;
  await writeFile(`${cwd}/walq.toml`, toml);
  const config = await loadConfig({
    disk: nodeDisk,
    cwd,
    env: { ...process.env, WALQ_REDIS__URL: url },
  });
  const { redis } = config;
  if (redis === undefined) throw new Error('the environment names a Redis');
  return { ...config, redis };
}
