import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sameContent, visibleObjects } from '@walq/test-support';
import { MEBIBYTE, nameOf, namesOf, newScene, runWalq, type Scene } from '../scene/index.ts';

const whole = expect.any(Number) as number;
const isoTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string;
const checksum = { algorithm: 'xxh3-64', value: expect.stringMatching(/^[0-9a-f]{16}$/) as string };

/** A command without any configuration: the archive is named on the command line. */
const bare = (scene: Scene, ...args: string[]) => runWalq(args, { cwd: scene.root });

async function archivedScene(): Promise<Scene> {
  const scene = await newScene();
  await scene.writeSegments(1, 5, MEBIBYTE);
  const url = `file://${scene.archive}`;
  const result = await bare(scene, 'archive', 'wal', '--to', url, '--source', 'orders', '--json');
  expect(result.code).toBe(0);
  return scene;
}

test('archive --json reports exactly what the documentation says', async () => {
  const scene = await newScene();
  await scene.writeSegments(1, 3, MEBIBYTE);
  const args = ['archive', 'wal', '--to', 'archive', '--source', 'orders', '--json'];
  const first = await bare(scene, ...args);
  expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: '' });
  const ms = expect.any(Number) as number;
  const stages = { readMs: ms, compressMs: ms, storeMs: ms, confirmMs: ms, deleteMs: ms };
  const sizes = { bytesIn: MEBIBYTE, bytesOut: whole, durationMs: whole };
  const file = { ...sizes, outcome: 'archived', stages };
  const report = first.json() as { bytesIn: number; bytesOut: number; ratio: number };
  expect(report).toEqual({
    successCount: 2,
    filesCount: 2,
    bytesIn: 2 * MEBIBYTE,
    bytesOut: whole,
    ratio: whole,
    throughputMBps: whole,
    durationMs: whole,
    avgFileMs: whole,
    quarantined: [],
    files: expect.arrayContaining(namesOf(1, 2).map((segment) => ({ segment, ...file }))) as object,
  });
  expect(report.ratio).toBeCloseTo(report.bytesIn / report.bytesOut, 1);

  const again = await bare(scene, ...args);
  expect(again.json()).toMatchObject({ successCount: 0, filesCount: 0, ratio: 0, files: [] });
  expect(await scene.faultsAtAnyTime()).toEqual([]);
  expect(await scene.sourceNames()).toEqual(namesOf(1, 3));
});

test('list, show and verify --json say of an archive exactly what the documentation says', async () => {
  const scene = await archivedScene();
  const listed = await bare(scene, 'list', '--archive', 'archive', '--json');
  expect(listed.code).toBe(0);
  expect(listed.json()).toEqual(
    namesOf(1, 4).map((segment) => ({
      source: 'orders',
      segment,
      bytes: MEBIBYTE,
      objectBytes: whole,
      sourceChecksum: checksum,
      archivedAt: isoTime,
      key: `orders/00000000/${segment}.zst`,
    })),
  );
  const shown = await bare(scene, 'show', nameOf(2), '--archive', 'archive', '--json');
  const [, second] = listed.json() as object[];
  expect(shown.json()).toMatchObject({ ...second, manifest: { version: 1, level: 3 } });
  for (const depth of [[], ['--deep']]) {
    const verified = await bare(scene, 'verify', '--archive', 'archive', '--json', ...depth);
    expect(verified.code).toBe(0);
    expect(verified.json()).toEqual({
      ok: true,
      segments: 4,
      gaps: [],
      corrupt: [],
      undecided: [],
      changedAtSource: [],
      contentsRead: { segments: whole, days: 30 },
    });
  }
});

test('restore brings back a range, each file as cmp wants it, and replaces nothing that is there', async () => {
  const scene = await archivedScene();
  const range = ['--from', nameOf(2), '--until', nameOf(3)];
  const args = ['restore', 'orders', '--archive', 'archive', '--to', 'back', ...range, '--json'];
  const restored = await bare(scene, ...args);
  expect(restored.code).toBe(0);
  expect(restored.json()).toMatchObject({ segments: 2, bytes: 2 * MEBIBYTE });
  for (const name of namesOf(2, 3)) {
    expect(await sameContent(join(scene.originals, name), join(scene.root, 'back', name))).toBe(
      true,
    );
  }
  expect((await bare(scene, ...args)).code).toBe(0);

  const other = join(scene.root, 'back', nameOf(3));
  await writeFile(other, 'of somebody else');
  const again = await bare(scene, ...args);
  expect(again.code).toBe(1);
  expect(await readFile(other, 'utf8')).toBe('of somebody else');
  expect(JSON.parse(again.stderr)).toMatchObject({ error: { code: 'destination-exists' } });
});

test('verify --deep names a segment with one flipped byte, and restore does not bring it back', async () => {
  const scene = await archivedScene();
  const [, second] = await visibleObjects(scene.sourceFolder);
  await flipByte(second?.path ?? '', 1_000);
  const verified = await bare(scene, 'verify', '--deep', '--archive', 'archive', '--json');
  expect(verified.code).toBe(1);
  expect(verified.json()).toEqual({
    ok: false,
    segments: 4,
    gaps: [],
    corrupt: [{ source: 'orders', segment: nameOf(2), code: 'object-corrupt' }],
    undecided: [],
    changedAtSource: [],
    contentsRead: { segments: whole, days: 30 },
  });
  const restored = await bare(scene, 'restore', 'orders', '--archive', 'archive', '--to', 'back');
  expect(restored.code).toBe(1);
  expect(restored.stderr).toMatch(/walq: .*wal-000002\.bin[^]*hint: [^]*code: object-corrupt/);
});

test('verify names a truncated object and the gap of a missing one', async () => {
  const scene = await newScene();
  await scene.writeSegments(1, 5, 100_000);
  const pattern = ['--pattern', '^wal-(?<number>\\d+)\\.bin$'];
  await bare(scene, 'archive', 'wal', '--to', 'archive', '--source', 'orders', ...pattern);
  const [first, second] = await visibleObjects(scene.sourceFolder);
  await truncate(first?.path ?? '', 5_000);
  await rm(second?.path ?? '');
  const verified = await bare(scene, 'verify', '--archive', 'archive', '--json');
  expect(verified.code).toBe(1);
  expect(verified.json()).toEqual({
    ok: false,
    segments: 3,
    gaps: [
      { source: 'orders', after: nameOf(1), before: nameOf(3), missing: 1, acknowledged: null },
    ],
    corrupt: [
      {
        source: 'orders',
        segment: nameOf(1),
        code: expect.stringMatching(/^object-(foreign|corrupt)$/) as string,
      },
    ],
    undecided: [],
    changedAtSource: [],
    contentsRead: { segments: whole, days: 30 },
  });
});

test.each([
  ['frobnicate', 2],
  ['archive', 2],
  ['archive wal', 2],
  ['archive wal --to archive --delete', 2],
  ['archive wal --to archive --level 99', 2],
  ['archive nowhere --to archive', 1],
  ['archive wal --to archive --up-to wal-7.bin', 1],
  ['list --archive nowhere', 1],
  ['restore nobody --archive archive --to back', 1],
  ['show wal-7.bin --archive archive', 1],
])('walq %s: one message, what to do, and exit code %i', async (line, code) => {
  const scene = await newScene();
  const result = await bare(scene, ...line.split(' '));
  expect(result.code).toBe(code);
  expect(result.stdout).toBe('');
  expect(result.stderr).toMatch(
    /^walq: .+\n( {2}usage: walq .+\n)? {2}hint: .+\n {2}code: [a-z-]+, see docs\/errors\.md#[a-z-]+\n$/,
  );
});

async function flipByte(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0x40, at);
  await writeFile(path, bytes);
}
