/** What never ends a recovery: a mistaken command, and WAL that is missing. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newPostgresScene } from './postgres-scene.ts';
import { nameOf, prefetchers, restoring, type RestoreScene } from './restore-scene.ts';

test('a name that is no WAL name ends recovery with 200, and exchanged arguments are named', async () => {
  const scene = await restoring();
  const run = (...args: string[]) => scene.call([...args, '--archive', scene.archive]);
  const exchanged = await run('wal-fetch', 'pg_wal/RECOVERYXLOG', nameOf(1));
  expect(exchanged.stderr).toContain('the arguments are swapped');
  expect(exchanged.stderr).toContain(`hint: Set restore_command = 'walq wal-fetch %f "%p"'`);
  expect(exchanged.code).toBe(200);
  for (const name of ['%f', 'backup_label', `${nameOf(1)}.zst`, nameOf(1).slice(1)]) {
    const odd = await run('wal-fetch', name, 'pg_wal/RECOVERYXLOG');
    expect(odd.stderr).toContain(`'${name}' is not the name of a WAL file`);
    expect(odd.code).toBe(200);
  }
});

test.each([
  [['wal-fech', nameOf(1), 'pg_wal/RECOVERYXLOG']],
  [[nameOf(1), 'pg_wal/RECOVERYXLOG']],
  [['restore', '00000002.history', 'pg_wal/RECOVERYHISTORY']],
  [['wal-push', nameOf(1), 'pg_wal/RECOVERYXLOG']],
  [['wal-fetch', nameOf(1)]],
  [['wal-fetch', nameOf(1), 'pg_wal/RECOVERYXLOG', 'more']],
])('a mistaken restore_command does not end recovery: walq %j', async (args) => {
  const scene = await newPostgresScene();
  const result = await scene.callFastPath([...args, '--config', scene.config]);
  expect(result.stderr).toContain('hint:');
  expect(result.code).toBe(200);
});

/** As `restoring`, without segment 3. */
async function withGap(): Promise<RestoreScene> {
  const scene = await restoring();
  await rm(join(scene.archive, 'main/0000000100000000', `${nameOf(3)}.zst`));
  return scene;
}

test('a gap ends recovery with 200 and its name; only --allow-gap lets it end there', async () => {
  const scene = await withGap();
  const gap = await scene.fetch(nameOf(3), '--timeout', '1s');
  expect(gap.stderr).toContain(`${nameOf(3)} is missing between ${nameOf(2)} and ${nameOf(4)}`);
  expect(gap.stderr).toContain('walq wal-fetch --allow-gap');
  expect(gap.code).toBe(200);
  expect(await scene.fetch(nameOf(3), '--timeout', '1s', '--allow-gap')).toMatchObject({
    code: 1,
    stderr: gap.stderr,
  });
  await writeFile(scene.cluster.walPath(nameOf(3)), scene.cluster.segment(nameOf(3)));
  expect(await scene.fetch(nameOf(3))).toMatchObject({ code: 1, stderr: '' });
});

test('a standby gets an immediate answer about a gap, and continues elsewhere', async () => {
  const scene = await withGap();
  await writeFile(join(scene.cluster.dataDirectory, 'standby.signal'), '');
  const gap = await scene.fetch(nameOf(3), '--timeout', '60s');
  expect(gap.stderr).toContain(`${nameOf(3)} is missing between ${nameOf(2)} and ${nameOf(4)}`);
  expect(gap.code).toBe(1);
});

test('a process that fetches ahead never answers for a gap', async () => {
  const scene = await withGap();
  const fetch = (number: number) => {
    const args = ['wal-fetch', nameOf(number), 'pg_wal/RECOVERYXLOG', '--archive', scene.archive];
    return scene.callFastPath([...args, '--timeout', '1s']);
  };
  expect((await fetch(1)).code).toBe(0);
  expect((await fetch(2)).code).toBe(0);
  expect(await prefetchers(scene)).toHaveLength(1);
  const gap = await fetch(3);
  expect(gap.stderr).toContain(`${nameOf(3)} is missing`);
  expect(gap.code).toBe(200);
});
