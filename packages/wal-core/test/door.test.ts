import { mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@walq/test-support';
import * as walq from '@walq/wal-core';
import {
  createCleaner,
  directorySource,
  isWalqError,
  logSource,
  openLog,
  openStore,
  postgresSource,
  readLog,
  restoreRange,
  verifyArchive,
} from '@walq/wal-core';
import { expect, test } from 'vitest';

test('an engine finds all it needs at the door: log, archive, proof and restore', async () => {
  const { path } = await temporaryDirectory('engine');
  const directory = join(path, 'wal');
  const source = logSource({ name: 'ledger', directory });
  const archiveUrl = join(path, 'archive');
  await mkdir(archiveUrl);
  const log = await openLog({ directory, segmentBytesMax: 4096 });
  for (let at = 0; at < 20; at += 1) await log.append(Buffer.alloc(1000, at));
  const sealed = (await readdir(directory)).filter((name) => name.endsWith('.wal')).sort();
  const flushed = sealed.at(-2) ?? '';

  const cleaner = createCleaner({ source, archiveUrl, parallelism: 1 });
  const report = await cleaner.cleanupUpTo(flushed);
  await cleaner.close();
  expect(report).toMatchObject({ filesCount: sealed.length - 1, successCount: sealed.length - 1 });

  const archived = { store: openStore(archiveUrl), source: 'ledger', naming: source.naming };
  expect(await verifyArchive({ ...archived, consecutive: true })).toMatchObject({
    segments: sealed.length - 1,
    corrupt: [],
    gaps: [],
  });
  const restored = await restoreRange({ ...archived, destination: join(path, 'restored') });
  expect(restored.segments).toBe(sealed.length - 1);
  await log.close();
  const records: bigint[] = [];
  for await (const { sequence } of readLog(join(path, 'restored'))) records.push(sequence);
  expect(records.length).toBeGreaterThan(10);
});

test('the door stays one that is read at a glance', () => {
  expect(Object.keys(walq).length).toBeLessThanOrEqual(25);
});

test('a source is its name and its place; the rest has a default', async () => {
  expect(directorySource({ name: 'ledger', directory: '/srv/wal' })).toMatchObject({
    type: 'directory',
    sealedRule: { kind: 'watermark' },
    afterArchive: 'keep',
    consecutive: false,
  });
  const pattern = /^wal-(?<number>[0-9a-f]+)\.bin$/;
  const hexadecimal = { name: 'ledger', directory: '/srv/wal', pattern, numberBase: 16 } as const;
  const source = directorySource({ ...hexadecimal, skipNewest: 2 });
  expect(source).toMatchObject({
    sealedRule: { kind: 'skip-newest', count: 2 },
    consecutive: true,
  });
  expect(source.naming.parse('wal-ff.bin')?.number).toBe(255n);
  expect(postgresSource({ name: 'main', dataDirectory: '/srv/main' })).toMatchObject({
    directory: '/srv/main/pg_wal',
    sealedRule: { kind: 'ready', dataDirectory: '/srv/main', stateDirectory: '/srv/main.walq' },
    afterArchive: 'keep',
  });
  expect(logSource({ directory: '/srv/ledger' })).toMatchObject({
    name: 'ledger',
    afterArchive: 'delete',
  });
});

test('a failure has a code that distinguishes it from others', async () => {
  const { path } = await temporaryDirectory('engine');
  const cleaner = createCleaner({
    source: directorySource({ name: 'ledger', directory: path }),
    archiveUrl: join(path, 'archive'),
  });
  const failure = await cleaner.cleanupUpTo('no number').catch((error: unknown) => error);
  await cleaner.close();
  expect(isWalqError(failure, 'no-segment')).toBe(true);
  expect(await readFile(join(path, 'archive'), 'utf8').catch(() => 'not there')).toBe('not there');
});
