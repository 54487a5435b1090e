import { appendFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { temporaryDirectory } from '@walq/test-support';
import { expect, test } from 'vitest';
import { walq } from './walq.ts';

test('a file that grew after it was archived is named as such, and walq repair archives it whole', async () => {
  const directory = await temporaryDirectory('cli');
  await mkdir(directory.at('wal'));
  for (const number of [1, 2, 3]) {
    await writeFile(directory.at('wal', `wal-${number}.bin`), `content ${number} `.repeat(100));
  }
  const source =
    '[sources.orders]\ntype = "directory"\npath = "wal"\npattern = \'^wal-(?<number>\\d+)\\.bin$\'\n';
  await writeFile(directory.at('walq.toml'), `[archive]\nurl = "archive"\n${source}`);
  const run = (...args: string[]) => walq(args, { cwd: directory.path });
  const archive = () =>
    run('archive', 'wal', '--to', 'archive', '--source', 'orders', '--up-to', 'wal-2.bin');
  expect((await archive()).code).toBe(0);
  await appendFile(directory.at('wal', 'wal-1.bin'), 'and more');
  const again = await archive();
  expect(again.code).toBe(1);
  expect(again.stderr).toContain('was written after it was archived');
  expect(again.stderr).toContain('code: segment-grew');

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
  expect((await run('repair', 'orders')).stdout).toMatch(/0 (set aside|quarantined)/);
});
