import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort, temporaryDirectory } from '@walq/test-support';
import { newScene, statusOf } from '../scene/index.ts';
import { ownerOf } from './owner.ts';
import { PostgresServer } from './postgres-server.ts';

const SEGMENTS_MIN = 9;

test('walq up archives the WAL of a real PostgreSQL, byte for byte, and keeps it', async () => {
  const { scene, segments } = await pgbenchScene();
  const up = await scene.start('up', '--workers', '2');
  await scene.untilArchived(segments.slice(0, -1));
  expect((await statusOf(scene)).sources['main']).toMatchObject({
    dueSegments: 0,
    lastArchived: { segment: segments.at(-2) },
    gaps: [],
    quarantined: [],
  });
  expect(await up.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(await scene.sourceNames()).toEqual(segments);
  expect((await scene.archived()).toSorted()).toEqual(segments.slice(0, -1));
  expect(await scene.faultsAtAnyTime()).toEqual([]);
});

/** A server that recycles nothing, so that what was written is all still there. */
async function startPostgres(): Promise<PostgresServer> {
  const { path: directory } = await temporaryDirectory('postgres');
  const owner = await ownerOf(directory);
  const server = await PostgresServer.init({ owner, directory, name: 'main' });
  await server.configure('wal_keep_size = 4GB');
  await server.start();
  return server;
}

/** A source of what pgbench made a private server write; the server has ended. */
async function pgbenchScene() {
  const postgres = await startPostgres();
  const scene = await newScene({
    source: 'main',
    pattern: '^(?<number>[0-9A-F]{24})$',
    numberBase: 16,
    skipNewest: 1,
    afterArchive: 'keep',
    dashboardPort: await freePort(),
  });
  await postgres.pgbench('--initialize', '--scale', '10', '--quiet');
  await postgres.pgbench('--client', '2', '--transactions', '2000');
  await postgres.stop();
  const segments = (await readdir(postgres.walDirectory)).filter((name) =>
    /^[0-9A-F]{24}$/.test(name),
  );
  expect(segments.length).toBeGreaterThanOrEqual(SEGMENTS_MIN);
  for (const name of segments) {
    for (const folder of [scene.originals, scene.source]) {
      await copyFile(join(postgres.walDirectory, name), join(folder, name));
    }
  }
  return { scene, segments: segments.toSorted() };
}
