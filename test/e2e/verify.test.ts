import {
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually, visibleObjects } from '@walq/test-support';
import { MEBIBYTE, nameOf, namesOf, newScene, startWalq, type Scene } from '../scene/index.ts';

interface Verified {
  readonly ok: boolean;
  readonly corrupt: readonly { readonly segment: string }[];
  readonly checks: readonly {
    readonly checkedNow: number;
    readonly bytesNow: number;
    readonly neverChecked: number;
    readonly oldestCheckAt: string | null;
  }[];
}

const incremental = async (scene: Scene, ...more: string[]) => {
  const args = ['verify', '--incremental', '--archive', 'archive', '--json', ...more];
  const { code, stdout } = await scene.walq(...args);
  return { code, ...(JSON.parse(stdout) as Verified) };
};

const pattern = ['--pattern', '^wal-(?<number>\\d+)\\.bin$'];

/** Two sources in one archive: of `orders` segments 1 and 2, of `ledger` segment 1. */
async function twoSources(): Promise<Scene> {
  const scene = await newScene();
  await scene.writeSegments(1, 3, MEBIBYTE / 4);
  const ledger = join(scene.root, 'ledger');
  await mkdir(ledger);
  for (const name of namesOf(1, 2)) await writeFile(join(ledger, name), `of ${name} `.repeat(500));
  for (const [directory, source] of [
    ['wal', 'orders'],
    ['ledger', 'ledger'],
  ] as const) {
    const args = ['archive', directory, '--to', 'archive', '--source', source, ...pattern];
    expect(await scene.walq(...args)).toMatchObject({ code: 0 });
  }
  return scene;
}

const stateOf = (scene: Scene) => join(scene.root, 'state/walq/checked');

async function stateFiles(scene: Scene): Promise<string[]> {
  const entries = await readdir(stateOf(scene), { recursive: true, withFileTypes: true });
  return entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
}

test('verify --incremental covers all sources with a small budget, and then starts again', async () => {
  const scene = await twoSources();
  const left: number[] = [];
  for (let run = 0; run < 3; run += 1) {
    const found = await incremental(scene, '--max-bytes', '1');
    expect(found).toMatchObject({ code: 0, ok: true });
    expect(found.checks.reduce((sum, { checkedNow }) => sum + checkedNow, 0)).toBe(1);
    left.push(found.checks.reduce((sum, { neverChecked }) => sum + neverChecked, 0));
  }
  expect(left).toEqual([2, 1, 0]);
  const next = await incremental(scene, '--budget', '1h', '--max-bytes', '50GiB');
  expect(next.checks.map(({ checkedNow }) => checkedNow)).toEqual([1, 2]);
});

test('each run reports a corrupt object, with exit code 1, until it is gone', async () => {
  const scene = await twoSources();
  const [, last] = await visibleObjects(join(scene.archive, 'orders'));
  await flipByte(last?.path ?? '', 1_000);
  const first = await incremental(scene);
  expect(first).toMatchObject({ code: 1, ok: false, corrupt: [{ segment: nameOf(2) }] });
  for (const args of [['--incremental', '--max-bytes', '1'], []]) {
    const verified = await scene.walq('verify', '--archive', 'archive', '--json', ...args);
    expect(verified.code).toBe(1);
    expect(verified.json()).toMatchObject({ ok: false, corrupt: [{ segment: nameOf(2) }] });
  }
  await rm(last?.path ?? '');
  const repaired = await scene.walq('verify', '--archive', 'archive');
  expect(repaired).toMatchObject({ code: 0 });
});

test('verify, status and repair report a corrupt object on any machine, until it is repaired', async () => {
  const scene = await newScene({ afterArchive: 'keep' });
  await scene.writeSegments(1, 3, 200_000);
  const args = ['archive', 'wal', '--to', 'archive', '--source', 'orders', ...pattern];
  expect(await scene.walq(...args, '--up-to', nameOf(2))).toMatchObject({ code: 0 });
  const [object] = await visibleObjects(scene.sourceFolder);
  await flipByte(object?.path ?? '', 1_000);
  expect((await scene.walq('verify')).stdout).toBe(
    '2 objects listed; 0 read in full in the last 30 days: 0 gaps, 0 corrupt\n',
  );
  const deep = await scene.walq('verify', '--deep');
  expect(deep.code).toBe(1);
  expect(deep.stdout).toContain('(object-corrupt). See docs/errors.md#object-corrupt.\n');
  // As on another machine: nothing is remembered there.
  await rm(join(scene.root, 'state'), { recursive: true });
  for (const command of [['verify'], ['status']]) {
    const result = await scene.walq(...command);
    expect(result.code).toBe(1);
    expect(result.stdout).toMatch(/corrupt/);
  }
  const listed = await scene.walq('repair');
  expect(listed.stdout).toContain(`--replace-corrupt ${nameOf(1)}`);
  expect(listed.stdout).toMatch(/\w\. See docs\/errors\.md#object-corrupt\.\n/);
  const repair = ['repair', 'orders', '--replace-corrupt', nameOf(1)];
  expect(await scene.walq(...repair)).toMatchObject({ code: 0 });
  expect(await scene.walq('verify')).toMatchObject({ code: 0 });
  expect((await scene.walq('status')).stdout).not.toMatch(/corrupt/);
  expect((await scene.walq('verify', '--deep')).stdout).toContain('2 read in full in');
});

test('an archive that has nothing of a source which cannot be read does not pass', async () => {
  const scene = await newScene();
  await scene.writeSegments(1, 3, 1_000);
  await scene.markFlushed(nameOf(2));
  expect(await scene.walq('verify')).toMatchObject({ code: 0 });
  await rename(scene.source, `${scene.source}-away`);
  const empty = await scene.walq('verify', '--json');
  expect(empty.code).toBe(1);
  expect(empty.json()).toMatchObject({ ok: false, nothingVerified: ['orders'], segments: 0 });
  expect((await scene.walq('verify')).stdout).toContain('nothing was verified');
  await mkdir(join(scene.root, 'unmounted'));
  const unmounted = await scene.walq('verify', '--archive', 'unmounted');
  expect(unmounted).toMatchObject({ code: 1, stdout: '' });
  expect(unmounted.stderr).toContain('nothing was verified');
});

test('a deep verification is remembered as well; a damaged memory only means checking again', async () => {
  const scene = await twoSources();
  const deep = await scene.walq('verify', '--deep', '--archive', 'archive');
  expect(deep.stdout).toMatch(
    /checked {2}orders: 2 of 2 segments read in full \(.*\); oldest full read .* ago\n/,
  );
  for (const file of await stateFiles(scene)) await truncate(file, 40);
  const after = await incremental(scene, '--max-bytes', '1');
  expect(after.checks.map(({ neverChecked }) => neverChecked)).toEqual([0, 2]);
  for (const file of await stateFiles(scene)) await writeFile(file, '\u0000 of another program');
  expect(await incremental(scene)).toMatchObject({ code: 0, ok: true });
});

test('two verifications at once do not harm what is remembered', async () => {
  const scene = await twoSources();
  await Promise.all([incremental(scene, '--max-bytes', '1'), incremental(scene)]);
  const found = await incremental(scene, '--max-bytes', '1');
  expect(found.checks.map(({ neverChecked }) => neverChecked)).toEqual([0, 0]);
});

test('Ctrl-C ends a deep verification with 130, and what was checked is remembered', async () => {
  const scene = await newScene();
  await scene.writeSegments(1, 61, 8 * MEBIBYTE);
  const args = ['archive', 'wal', '--to', 'archive', '--source', 'orders', '--level', '1'];
  expect((await scene.walq(...args)).code).toBe(0);
  const deep = ['verify', '--deep', '--concurrency', '1', '--archive', 'archive'];
  const running = await startWalq(deep, { cwd: scene.root });
  await eventually(async () => {
    const entries = await readdir(`/proc/${running.pid}/fd`);
    const links = await Promise.all(
      entries.map((fd) => readlink(`/proc/${running.pid}/fd/${fd}`).catch(() => '')),
    );
    expect(links.some((path) => /wal-00000[2-9]\.bin\.zst$/.test(path))).toBe(true);
  });
  expect((await running.kill('SIGINT')).code).toBe(130);
  const found = await incremental(scene, '--max-bytes', '1');
  expect(found.checks[0]?.neverChecked).toBeLessThan(namesOf(1, 60).length - 1);
});

test.each([
  'verify --archive archive --budget 10m',
  'verify --archive archive --deep --max-bytes 5MB',
  'verify --archive archive --incremental --max-bytes 5miles',
  'verify --archive archive --incremental --budget soon',
])('walq %s is wrong usage', async (line) => {
  const scene = await newScene();
  const result = await scene.walq(...line.split(' '));
  expect(result).toMatchObject({ code: 2, stdout: '' });
});

async function flipByte(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0x40, at);
  await writeFile(path, bytes);
}
