import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { temporaryDirectory } from '@walq/test-support';
import { expect, it } from 'vitest';
import { walq } from './walq.ts';

const configuration = `
[archive]
url = "archive"
[sources.orders]
type = "directory"
path = "wal"
pattern = '^wal-(?<number>\\d+)\\.bin$'
after_archive = "delete"
`;

/** Five segments, of which four are flushed. */
async function place() {
  const directory = await temporaryDirectory('repair');
  await mkdir(directory.at('wal'));
  await mkdir(directory.at('archive'));
  await writeFile(directory.at('walq.toml'), configuration);
  for (const number of [1, 2, 3, 4, 5]) {
    await writeFile(directory.at('wal', `wal-${number}.bin`), `segment ${number} `.repeat(1000));
  }
  const run = async (...args: string[]) => {
    const ended = await walq(args, { cwd: directory.path });
    return { ...ended, json: () => JSON.parse(ended.stdout) as unknown };
  };
  expect((await run('mark-flushed', 'orders', 'wal-4.bin')).code).toBe(0);
  const objects = directory.at('archive', 'orders', '00000000');
  await mkdir(objects, { recursive: true });
  const object = (number: number) => `${objects}/wal-${number}.bin.zst`;
  return { directory, run, object, wal: () => readdir(directory.at('wal')) };
}

it('lists what is wrong and fixes it, one thing after another', async () => {
  const { directory, run, object, wal } = await place();
  await writeFile(object(2), 'damaged');
  const plan = await run('repair', '--rearchive', '--replace-corrupt', '--dry-run');
  expect(plan.stdout).toMatch(
    /wal-1\.bin {2}missing in the archive: would archive it\nwal-2\.bin {2}does not dec/,
  );
  expect(plan.stdout).toContain('\n4 segments checked: 3 to archive, 1 to replace, 0 sound\n');
  expect(await readdir(directory.at('wal', '..', 'archive', 'orders', '_walq'))).toEqual([
    'source.json',
  ]);

  const first = await run('repair', 'orders', '--rearchive');
  expect(first.code).toBe(1);
  expect(first.stdout).toBe('4 segments: 3 archived, 0 verified, 1 failed\n');
  expect(await readFile(object(2), 'utf8')).toBe('damaged');
  const listed = await run('repair');
  expect(listed.stdout).toContain('orders: 1 in quarantine, 0 open gaps');
  expect(listed.stdout).toMatch(
    /\(object-foreign\)\n.+\w\. See docs\/errors\.md#object-foreign\.\n/,
  );
  expect(listed.stdout).toContain('walq repair orders --replace-corrupt wal-2.bin');
  expect(listed.code).toBe(0);

  const replaced = await run('repair', '--replace-corrupt', 'wal-2.bin', '--json');
  expect(replaced.code).toBe(0);
  const aside = expect.stringMatching(/^orders\/_walq\/replaced\/wal-2\.bin-.*\.zst$/) as string;
  expect(replaced.json()).toMatchObject({
    source: 'orders',
    replaced: [{ segment: 'wal-2.bin', aside }],
    successCount: 1,
  });
  expect(await wal()).toEqual(['.walq', 'wal-5.bin']);
  expect((await run('verify', '--deep')).code).toBe(0);

  await rm(object(3));
  const gap = (await run('repair', '--json')).json();
  expect(gap).toMatchObject({
    sources: {
      orders: {
        quarantined: [],
        unfinished: [],
        gaps: [{ after: 'wal-2.bin', before: 'wal-4.bin', missing: 1, acknowledged: null }],
      },
    },
  });
  const verified = await run('verify');
  expect(verified.stdout).toContain(
    'gap: run walq repair orders, which lists the gap and how to acknowledge it',
  );
  const words = ['--acknowledge-gap', 'wal-2.bin..wal-4.bin', '--reason', 'lost with disk 3'];
  await run('repair', ...words, '--dry-run');
  expect((await run('verify')).code).toBe(1);
  expect((await run('repair', ...words)).stdout).toContain('acknowledged the gap');
  expect((await run('repair', ...words)).stdout).toContain('was already acknowledged');
  expect((await run('verify')).code).toBe(0);

  const history = (await run('repair', '--history', '--archive', 'archive', '--json')).json();
  expect(history).toMatchObject({
    repairs: [
      { source: 'orders', began: { action: 'rearchive' } },
      { began: { action: 'replace', segment: 'wal-2.bin' }, aside },
      { began: { action: 'release' } },
      { began: { action: 'acknowledge-gap' } },
      { began: { action: 'acknowledge-gap' } },
    ],
  });
  expect((await run('repair', '--history')).stdout).toMatch(/replace wal-2\.bin, by .+@/);
});

it('counts what it replaced', async () => {
  const { run, object } = await place();
  await writeFile(object(2), 'damaged');
  const one = await run('repair', 'orders', '--replace-corrupt', 'wal-2.bin');
  expect(one.stdout).toMatch(
    /^replaced the object of wal-2\.bin; .*\n1 segment replaced and verified\n$/,
  );
  await writeFile(object(1), 'damaged');
  const all = await run('repair', 'orders', '--rearchive', '--replace-corrupt');
  expect(all.stdout).toMatch(/\n3 segments: 1 replaced, 2 archived, 0 verified\n$/);
});

it('releases one or all, and says what happens next', async () => {
  const { directory, run, object } = await place();
  for (const number of [1, 2, 3]) await writeFile(object(number), 'damaged');
  await run('repair', '--rearchive');
  const records = directory.at('archive', 'orders', '_walq', 'quarantine');
  expect(await readdir(records)).toHaveLength(3);
  const tried = await run('repair', '--release-all', '--dry-run', '--json');
  expect(tried.json()).toMatchObject({ dryRun: true, released: [{}, {}, {}] });
  const one = await run('repair', '--release', 'wal-2.bin');
  expect(one.stdout).toMatch(
    /^released wal-2\.bin \(object-foreign\)\nThe running roles .*--rearchive/,
  );
  expect(await readdir(records)).toHaveLength(2);
  expect((await run('repair', '--release', 'wal-2.bin')).code).toBe(2);
  await writeFile(`${records}/${(await readdir(records))[0]}`, 'half a rec');
  expect((await run('repair', '--release-all', '--archive', 'archive')).code).toBe(0);
  expect(await readdir(records)).toEqual([]);
  expect((await run('repair', '--release-all')).stdout).toBe('nothing is in quarantine\n');
});

it.each([
  ['--release', 'a', '--rearchive'],
  ['--release', 'a', '--release-all'],
  ['--history', '--dry-run'],
  ['--replace-corrupt'],
  ['--rearchive', '--replace-corrupt', 'wal-1.bin'],
  ['--replace-corrupt', 'not-a-segment'],
  ['--acknowledge-gap', 'wal-1.bin..wal-3.bin'],
  ['--acknowledge-gap', 'wal-1.bin..wal-3.bin', '--reason', '  '],
  ['--acknowledge-gap', 'wal-1.bin', '--reason', 'x'],
  ['--acknowledge-gap', 'wal-1.bin..wal-3.bin', '--reason', 'there is none'],
  ['--reason', 'x'],
  ['--take-over'],
  ['--rearchive', '--archive', 'archive'],
  ['nowhere'],
])('is called wrong with %s %s %s %s', async (...args) => {
  const { run } = await place();
  const { code, stdout, stderr } = await run('repair', ...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/hint: ./);
});
