import { rename, rm, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { archivedScene, branchedScene, labelText, nameOf, numbered, wal } from './prune-scene.ts';
import { walq } from './walq.ts';

const some = expect.any(Number) as number;

describe('walq prune', () => {
  test('shows a plan and changes nothing', async () => {
    const { run, left } = await archivedScene();
    const dry = await run('prune', 'orders', '--keep-segments', '3', '--dry-run');
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['TIMELINE', 'FLOOR', 'DELETES', 'FREES', 'KEEPS', 'FROM', 'UNTIL'],
      ['–', nameOf(6), '5', expect.stringMatching(/B$/), '3', nameOf(6), nameOf(8)],
      [''],
    ]);
    expect(await left()).toEqual(numbered(1, 8));
  });

  test('removes what no rule keeps, and leaves nothing to do', async () => {
    const { run, left } = await archivedScene();
    const pruned = await run('prune', 'orders', '--keep-segments', '3', '--grace', '0s', '--json');
    expect(pruned).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(pruned.stdout)).toEqual({
      source: 'orders',
      isRaised: true,
      timelines: [
        {
          timeline: null,
          floor: nameOf(6),
          deletes: { files: 5, bytes: some },
          keeps: { files: 3, bytes: some, first: nameOf(6), last: nameOf(8) },
        },
      ],
      removed: { files: 5, bytes: some },
      waiting: { files: 0, bytes: 0, until: null },
      held: [],
      failed: [],
    });
    expect(await left()).toEqual(numbered(6, 8));
    const again = await run('prune', 'orders', '--keep-days', '1', '--keep-segments', '1');
    expect(again).toMatchObject({ code: 0, stdout: 'orders: removed 0 files, 0 B\n' });
  });

  test('waits an hour, in which restores below the floor are refused', async () => {
    const { run, left } = await archivedScene();
    const pruned = await run('prune', 'orders', '--keep-from', nameOf(5));
    expect(pruned.stdout).toMatch(
      /removed 0 files, 0 B\norders: 4 files, .* below the floor; a prune after 2/,
    );
    expect(await left()).toEqual(numbered(1, 8));
    const restored = await run('restore', 'orders', '--to', 'back', '--from', nameOf(4));
    expect(restored.code).toBe(1);
    expect(restored.stderr).toMatch(/wal-4\.bin is below the prune floor, wal-5\.bin/);
  });

  test('a kept source is not archived again, verify finds no gap, status counts', async () => {
    const { run, left, archive } = await archivedScene();
    await run('prune', 'orders', '--keep-from', nameOf(5), '--grace', '0s');
    expect(await archive()).toEqual([]);
    expect(await left()).toEqual(numbered(5, 8));
    const verified = await run('verify', 'orders', '--json');
    expect(verified.code).toBe(0);
    expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true, segments: 4 });
    const status = await run('status', '--json');
    expect(JSON.parse(status.stdout)).toMatchObject({
      sources: { orders: { dueSegments: 0, belowFloorAtSource: 4, gaps: [] } },
    });
  });

  test('refuses to leave unarchived segments at the source behind, without the option', async () => {
    const { run, left, at, quarantine } = await archivedScene();
    // The first has no object, the second one that is not a copy of it.
    await rm(at('archive', 'orders', '00000000', `${nameOf(2)}.zst`));
    await quarantine(nameOf(4));
    const rules = ['prune', 'orders', '--keep-segments', '3', '--grace', '0s'];
    const dry = await run(...rules, '--dry-run');
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout).toContain(
      `\n2 segments at the source are not archived and would be below this floor, first ${nameOf(2)}: walq would never archive them\n`,
    );
    const json = await run(...rules, '--dry-run', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      unarchived: { segments: 2, first: nameOf(2) },
    });
    const refused = await run(...rules);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(
      `2 segments at the source are not archived and would be below the new floor, first ${nameOf(2)}: nothing was pruned`,
    );
    expect(refused.stderr).toMatch(/--keep-from wal-2\.bin.*--abandon-unarchived/);
    expect(refused.stderr).toContain('code: unarchived-below-floor');
    expect(await left()).toEqual(numbered(1, 8).filter((name) => name !== nameOf(2)));
    expect(await run(...rules, '--keep-from', nameOf(2))).toMatchObject({ code: 0, stderr: '' });
    const abandoned = await run(...rules, '--abandon-unarchived');
    expect(abandoned).toMatchObject({ code: 0, stderr: '' });
    expect(await left()).toEqual(numbered(6, 8));
    // They are below the floor now, so the next call has nothing to say.
    expect(await run(...rules, '--keep-segments', '2')).toMatchObject({ code: 0, stderr: '' });
  });

  test('repair and status say what is below the floor, and what to do', async () => {
    const { run, quarantine } = await archivedScene();
    await quarantine(nameOf(2));
    await run('prune', 'orders', '--keep-segments', '3', '--grace', '0s', '--abandon-unarchived');
    const status = await run('status');
    expect(status.stdout).toContain(
      'warning    orders: 5 segments at the source are below the prune floor, so walq does not archive them\n             hint: Copy these files if you need them',
    );
    const replace = ['repair', 'orders', '--replace-corrupt', nameOf(2)];
    const dry = await run(...replace, '--dry-run');
    expect(dry).toMatchObject({ code: 1 });
    expect(dry.stdout).toContain(
      'wal-2.bin  wal-2.bin is below the prune floor, wal-6.bin: would not archive it\n',
    );
    expect(dry.stdout).toContain('\n1 segment checked: 1 would fail, 0 sound\n');
    const real = await run(...replace);
    expect(real).toMatchObject({ code: 1 });
    expect(real.stderr).toContain('hint: walq does not archive it. Copy the file elsewhere');
    expect(real.stderr).toContain('walq repair orders --release wal-2.bin');
    await quarantine(nameOf(7));
    const released = await run('repair', 'orders', '--release-all');
    expect(released.stdout).toMatch(
      /\nwal-2\.bin is below the prune floor, wal-6\.bin: walq does not archive it\. Copy .*\nThe running roles archive it/,
    );
    await quarantine(nameOf(2));
    const one = await run('repair', 'orders', '--release', nameOf(2));
    expect(one.stdout).not.toContain('running roles');
  });

  test('warns, and prunes, while the source cannot be read', async () => {
    const { run, left, at } = await archivedScene();
    await rename(at('wal'), at('away'));
    const pruned = await run('prune', 'orders', '--keep-segments', '3', '--grace', '0s');
    expect(pruned.code).toBe(0);
    expect(pruned.stderr).toMatch(/whether the floor is above unarchived segments is unknown/);
    expect(await left()).toEqual(numbered(6, 8));
  });

  test.each([
    [['orders'], 2],
    [['orders', '--keep-days', 'many'], 2],
    [['orders', '--keep-segments', '0'], 2],
    [['orders', '--keep-from', 'notes.txt'], 2],
    [['orders', '--keep-backup-label', 'label'], 2],
    [['orders', '--keep-days', '1', '--grace', 'soon'], 2],
    [['nobody', '--keep-days', '1'], 2],
    [[], 2],
    [['orders', '--keep-from', nameOf(9)], 1],
  ])('%j changes nothing and ends with %i', async (args, code) => {
    const { run, left } = await archivedScene();
    const result = await run('prune', ...args);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toMatch(/hint/);
    expect(await left()).toEqual(numbered(1, 8));
  });

  test('has help with an example', async () => {
    const { code, stdout } = await walq(['prune', '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Examples:\n {2}\$ walq prune/);
  });
});

describe('walq prune of PostgreSQL’s', () => {
  test('keeps what the labels of base backups need, and what came of it', async () => {
    const scene = await branchedScene();
    const [old, young] = [scene.at('old'), scene.at('young')];
    await writeFile(old, labelText(wal(1, 3), 1));
    await writeFile(young, labelText(wal(2, 6), 2));
    const label = (...files: string[]) => files.flatMap((file) => ['--keep-backup-label', file]);
    expect(await scene.prune(...label(young, old))).toMatchObject({ code: 0 });
    const below = [wal(1, 1), wal(1, 2)];
    expect(await scene.left()).toEqual(
      scene.names.filter((name) => !below.includes(name)).toSorted(),
    );
    expect(await scene.prune(...label(young))).toMatchObject({ code: 0 });
    expect(await scene.left()).toEqual(
      ['00000002.history', wal(1, 6), wal(2, 6), wal(2, 7)].toSorted(),
    );
  });

  test('takes the name of a backup’s label as pg_archivecleanup does', async () => {
    const scene = await branchedScene();
    const named = await scene.prune('--keep-from', `${wal(1, 3)}.00000028.backup`);
    expect(named).toMatchObject({ code: 0 });
    expect(await scene.left()).not.toContain(wal(1, 2));
    expect(await scene.left()).toContain(wal(1, 3));
  });

  test.each([
    ['a history', ['--keep-from', '00000002.history'], 2],
    ['what is above all', ['--keep-from', wal(2, 8)], 1],
    ['a label that is not there', ['--keep-backup-label', 'nowhere'], 1],
  ])('refuses %s', async (_, args, code) => {
    const scene = await branchedScene();
    expect(await scene.prune(...args)).toMatchObject({ code });
    expect(await scene.left()).toEqual(scene.names.toSorted());
  });

  test.each([
    ['below the floor stops', wal(1, 2), false, /^2\d\d$/],
    ['below the floor lets a standby search elsewhere', wal(1, 2), true, /^1$/],
    ['at the floor is fetched', wal(1, 3), false, /^0$/],
    ['behind the end finds it', wal(1, 9), false, /^1$/],
    ['for a history gets it', '00000002.history', false, /^0$/],
  ])('a recovery that asks %s', async (_, name, isStandby, code) => {
    const scene = await branchedScene();
    expect((await scene.prune('--keep-from', wal(1, 3))).code).toBe(0);
    if (isStandby) await writeFile(`${scene.cluster.dataDirectory}/standby.signal`, '');
    const place = ['--archive', scene.at('archive'), '--ahead', '0'];
    const fetched = await scene.call(['wal-fetch', name, 'pg_wal/RECOVERYXLOG', ...place]);
    expect(String(fetched.code)).toMatch(code);
    const namesFloor = fetched.stderr.includes('below the prune floor, 000000010000000000000003');
    expect(namesFloor).toBe(name === wal(1, 2));
  });

  test('PostgreSQL gets its answer also for a file below the floor, which then goes again', async () => {
    const scene = await branchedScene();
    const prune = () => scene.prune('--keep-from', wal(1, 4));
    expect((await prune()).code).toBe(0);
    await scene.cluster.ready(wal(1, 2));
    expect(await scene.archive()).toEqual([]);
    expect(await scene.push(wal(1, 2))).toMatchObject({ code: 0 });
    expect(await scene.left()).toContain(wal(1, 2));
    expect((await prune()).code).toBe(0);
    expect(await scene.left()).not.toContain(wal(1, 2));
  });
});
