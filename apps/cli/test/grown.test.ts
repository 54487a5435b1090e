import { appendFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { temporaryDirectory } from '@walq/test-support';
import { expect, test } from 'vitest';
import { walq } from './walq.ts';

async function archivedPlace(lines = '') {
  const directory = await temporaryDirectory('cli');
  await mkdir(directory.at('wal'));
  for (const number of [1, 2, 3]) {
    await writeFile(directory.at('wal', `wal-${number}.bin`), `content ${number} `.repeat(100));
  }
  const source = `[sources.orders]\ntype = "directory"\npath = "wal"\npattern = '^wal-(?<number>\\d+)\\.bin$'\n`;
  await writeFile(directory.at('walq.toml'), `[archive]\nurl = "archive"\n${source}${lines}`);
  const run = (...args: string[]) => walq(args, { cwd: directory.path });
  const archive = () =>
    run('archive', 'wal', '--to', 'archive', '--source', 'orders', '--up-to', 'wal-2.bin');
  expect((await archive()).code).toBe(0);
  return { directory, run, archive };
}

test('a file that grew after it was archived is named as such, and walq repair archives it whole', async () => {
  const { directory, run, archive } = await archivedPlace();
  await appendFile(directory.at('wal', 'wal-1.bin'), 'and more');
  const again = await archive();
  expect(again.code).toBe(1);
  expect(again.stderr).toContain('was written after it was archived');
  expect(again.stderr).toContain('code: segment-grew');

  const verified = await run('verify');
  expect(verified).toMatchObject({ code: 1, stderr: '' });
  expect(verified.stdout).toMatch(
    /^changed {2}orders: wal-1\.bin: the source file has 1008 bytes, the archived object 1000/,
  );
  const status = await run('status');
  expect(status.stdout).toContain('was written after it was archived: it has 1008 bytes');
  const planned = await run('repair', 'orders', '--replace-corrupt', 'wal-1.bin', '--dry-run');
  expect(planned).toMatchObject({ code: 0, stderr: '' });
  expect(planned.stdout).toMatch(
    /^wal-1\.bin {2}\S+wal-1\.bin was written after it was archived: .*: would replace it\n/,
  );
  const whole = await run('repair', 'orders', '--rearchive', '--dry-run');
  expect(whole.code).toBe(1);
  expect(whole.stdout).toContain('would leave the object unchanged and quarantine the segment');
  expect(whole.stdout).toContain(
    'hint: Make the engine mark a segment as flushed only after its last write',
  );

  const listed = await run('repair', 'orders');
  expect(listed.stdout).toContain('walq repair orders --replace-corrupt wal-1.bin');
  expect((await run('repair', 'orders', '--rearchive', '--replace-corrupt')).code).toBe(1);
  expect(await readdir(directory.at('archive/orders/_walq'))).not.toContain('replaced');
  const repaired = await run('repair', 'orders', '--replace-corrupt', 'wal-1.bin');
  expect(repaired).toMatchObject({ code: 0, stderr: '' });
  expect(repaired.stdout).toMatch(/replaced the object of wal-1\.bin; it is kept as orders\/_walq/);
  expect(await readdir(directory.at('archive/orders/_walq/replaced'))).toHaveLength(1);
  expect((await run('verify', '--deep')).code).toBe(0);
  const shown = await run('list', 'orders', '--json');
  expect(JSON.parse(shown.stdout)).toMatchObject([{ segment: 'wal-1.bin', bytes: 1_008 }, {}]);
  expect((await run('repair', 'orders')).stdout).toContain('0 in quarantine');
});

test.each([
  ['shorter', 'content', /the source file has 7 bytes, the archived object 1000/],
  [
    'of the same length',
    'other   2 '.repeat(100),
    /was written after it was archived; its length is unchanged/,
  ],
])(
  'a file that was rewritten, and is %s: verify, status and a dry run say so',
  async (_, content, says) => {
    const { directory, run } = await archivedPlace('after_archive = "keep"\n');
    await writeFile(directory.at('wal', 'wal-1.bin'), content);
    const verified = await run('verify');
    expect(verified).toMatchObject({ code: 1, stderr: '' });
    expect(verified.stdout).toMatch(says);
    const [, command = ''] = /; run walq (.*), which compares both/.exec(verified.stdout) ?? [];
    const planned = await run(...command.split(' '));
    expect(planned.code).toBe(1);
    expect(planned.stdout).toContain('the archive holds different content under');
    expect(planned.stdout).toContain('would leave the object unchanged and quarantine the segment');
    const status = await run('status');
    expect(status.code).toBe(1);
    expect(status.stdout).toContain('does not match the archived object of the same name');
    expect((await run('repair', 'orders')).stdout).toContain(
      'wal-1.bin at the source differs from',
    );
  },
);

test('a dry run says what a repair would refuse', async () => {
  const { run } = await archivedPlace();
  const planned = await run('repair', 'orders', '--replace-corrupt', 'wal-99.bin', '--dry-run');
  expect(planned.code).toBe(1);
  expect(planned.stdout).toMatch(
    /^wal-99\.bin {2}.*is not flushed yet.*: would not archive it\n {2}hint: /,
  );
});
