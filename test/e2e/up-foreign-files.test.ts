import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { freePort } from '@walq/test-support';
import { newScene, statusOf } from '../scene/index.ts';

/** Names as other programs make them; none is walq's idea of a name. */
const logNames = [
  'access log #0001.txt',
  'zugriffe – größer als §5 #0002.txt',
  'quoted \'so\' and "so" #0003.txt',
  '日本語のログ #0004.txt',
  '100%25 not encoded; $HOME `id` #0005.txt',
  '-dashes--first- #0006.txt',
  'tab\tand new\nline #0007.txt',
  '🪵 with e\u0301 in two characters #0008.txt',
];
const open = 'still open #0009.txt';

const textLog = (number: number): string =>
  Array.from(
    { length: 4_000 },
    (_, line) => `10.0.0.${line % 256} GET /${number}/${line} 200\n`,
  ).join('');

test('walq up archives what other programs wrote, deletes it when it is flushed, and nothing else', async () => {
  const scene = await newScene({
    source: 'web',
    pattern: '#(?<number>\\d+)\\.txt$',
    dashboardPort: await freePort(),
  });
  for (const [index, name] of [...logNames, open].entries())
    await scene.write(name, textLog(index));
  const up = await scene.start('up', '--workers', '2');
  await up.waitForLine(/taking archive jobs/);
  expect(await scene.archived()).toEqual([]);

  const half = logNames[3] ?? '';
  await scene.markFlushed(half);
  await scene.untilArchived(logNames.slice(0, 4));
  await scene.untilLeft([...logNames.slice(4), open].toSorted());
  await scene.markFlushed(logNames.at(-1) ?? '');
  await scene.untilLeft([open]);
  expect((await statusOf(scene)).sources['web']).toMatchObject({
    dueSegments: 0,
    lastArchived: { segment: logNames.at(-1) },
    gaps: [],
    quarantined: [],
  });

  expect(await up.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(await scene.faultsAtTheEnd({ left: [open] })).toEqual([]);
});

test('walq up keeps the files of an engine that knows no watermark, and leaves the newest alone', async () => {
  const scene = await newScene({
    source: 'binlog',
    pattern: '^binlog\\.(?<number>\\d+)$',
    afterArchive: 'keep',
    skipNewest: 2,
    dashboardPort: await freePort(),
  });
  const names = [1, 2, 3, 4, 5].map((number) => `binlog.${String(number).padStart(6, '0')}`);
  for (const name of names) await scene.write(name, [randomBytes(300_000)]);
  const up = await scene.start('up');
  await scene.untilArchived(names.slice(0, 3));
  await scene.write('binlog.000006', [randomBytes(10)]);
  await scene.untilArchived(names.slice(0, 4));

  expect(await up.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(await scene.archived()).toEqual(names.slice(0, 4));
  expect(await scene.sourceNames()).toEqual([...names, 'binlog.000006']);
  expect(await scene.faultsAtAnyTime()).toEqual([]);
});
