/** Whatever stands under a segment's name goes into the archive, or is named once with its reason. */
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { eventually, startRedis } from '@walq/test-support';
import { expect, onTestFinished, test } from 'vitest';
import { newScene, statusOf, type Scene } from '../scene/index.ts';

const pattern = '^wal-(?<number>\\d+)[\\s\\S]*$';

/** Behind `wal-<number>`; each of these is archived. */
const archivable = [
  '',
  '\u0001\u001B[31m',
  'a\nb',
  ' ',
  '.',
  '..',
  '.zst',
  '.zst.zst',
  '.tmp',
  '.partial',
  '.json',
  '_walq',
  '\r\t',
  '\u009B1m',
  '\u202E',
  '%2F%00',
  '\\',
  '"\'`$(x)',
  '~00',
  'é',
  'e\u0301',
  'x'.repeat(200),
];

const nameOf = (number: number, rest = ''): string =>
  `wal-${String(number).padStart(4, '0')}${rest}`;

/** With the bytes of its name, where these are no text. */
async function writeNamed(scene: Scene, ...name: (string | Buffer)[]): Promise<void> {
  const path = [join(scene.source, '/'), ...name].map((part) => Buffer.from(part));
  await writeFile(Buffer.concat(path), 'content');
}

async function makeOthers(scene: Scene): Promise<string[]> {
  const at = (name: string) => join(scene.source, name);
  await writeNamed(scene, nameOf(901), Buffer.of(0xff, 0xfe));
  await writeNamed(scene, nameOf(902, '\uFFFD'));
  await writeNamed(scene, nameOf(903).padEnd(255, 'x'));
  execFileSync('mkfifo', [at(nameOf(904))]);
  const server = createServer().listen(at(nameOf(905)));
  await new Promise((listening) => server.once('listening', listening));
  onTestFinished(() => new Promise<void>((closed) => void server.close(() => closed())));
  await symlink(nameOf(1), at(nameOf(906)));
  await symlink('nowhere', at(nameOf(907)));
  await mkdir(at(nameOf(908)));
  return [
    nameOf(901, '\uFFFD\uFFFD'),
    nameOf(902, '\uFFFD'),
    nameOf(903).padEnd(255, 'x'),
    ...[904, 905, 906, 907, 908].map((number) => nameOf(number)),
  ];
}

test.each(['delete', 'keep'] as const)(
  'through the queue (%s): every entry is archived byte for byte, or in quarantine',
  async (afterArchive) => {
    const redis = await startRedis();
    const scene = await newScene({ redisUrl: redis.url, pattern, afterArchive });
    const names = archivable.map((rest, index) => nameOf(index + 1, rest));
    names.push(nameOf(99, 'A'), nameOf(99, 'a'));
    for (const name of names) await scene.write(name, `content of ${name}`);
    const others = await makeOthers(scene);
    const newest = nameOf(1_000);
    await scene.write(newest, 'open');
    await scene.markFlushed(nameOf(908));
    const producer = await scene.start('producer');
    const worker = await scene.start('worker');

    await eventually(async () => {
      const status = await statusOf(scene);
      const { quarantined = [], dueSegments } = status.sources['orders'] ?? {};
      const segments = quarantined.map(({ segment }) => segment);
      expect({ segments: segments.toSorted(), dueSegments }).toEqual({
        segments: others.toSorted(),
        dueSegments: 0,
      });
    });
    expect((await scene.archived()).toSorted()).toEqual(names.toSorted());
    const outlook = (await scene.walq('repair', 'orders', '--json')).json() as {
      sources: { orders: { quarantined: { segment: string; advice: string }[] } };
    };
    const listed = outlook.sources.orders.quarantined;
    expect(listed.map(({ segment }) => segment).toSorted()).toEqual(others.toSorted());
    for (const { advice } of listed)
      expect(advice).toMatch(/^Rename|move away what is not a regular file/);
    for (const role of [producer, worker]) await role.kill('SIGTERM');
    // Each is said once, not tried again and again.
    expect(worker.stdout.match(/segment quarantined/g)).toHaveLength(others.length);

    const restored = join(scene.root, 'restored');
    expect(await scene.walq('restore', 'orders', '--to', restored, '--allow-gaps')).toMatchObject({
      code: 0,
    });
    for (const name of names) {
      expect(await readFile(join(restored, name), 'utf8')).toBe(`content of ${name}`);
    }
    await rm(join(scene.source, nameOf(904)));
    expect((await scene.walq('repair', 'orders', '--release', nameOf(904))).code).toBe(0);
    expect((await statusOf(scene)).sources['orders']?.quarantined).toHaveLength(others.length - 1);
  },
);
