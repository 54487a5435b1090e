/** What real commands print holds no word in the place of a name that is known. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { temporaryDirectory } from '@walq/test-support';
import { expect, test } from 'vitest';
import { walq } from './walq.ts';

test('hints of commands name the source and the segment of a damaged object', async () => {
  const directory = await temporaryDirectory('cli');
  await mkdir(directory.at('wal'));
  for (const number of [1, 2, 3]) {
    await writeFile(directory.at('wal', `wal-${number}.bin`), `content ${number} `.repeat(100));
  }
  const source =
    '[sources.orders]\ntype = "directory"\npath = "wal"\npattern = \'^wal-(?<number>\\d+)\\.bin$\'\n';
  await writeFile(directory.at('walq.toml'), `[archive]\nurl = "archive"\n${source}`);
  const run = (...args: string[]) => walq(args, { cwd: directory.path });
  const archived = await run('archive', 'wal', '--to', 'archive', '--source', 'orders');
  expect(archived.code).toBe(0);
  const object = directory.at('archive/orders/00000000/wal-1.bin.zst');
  const bytes = await readFile(object);
  await writeFile(object, bytes.subarray(0, bytes.length - 3));

  const commands = [
    ['show', 'wal-1.bin'],
    ['restore', 'orders', '--to', 'restored'],
    ['status'],
    ['check'],
    ['repair', 'orders'],
    ['verify', '--deep'],
  ];
  for (const args of commands) {
    const { stdout, stderr } = await run(...args);
    const literal = /^.*(?:hint|do):.*\b(?:SOURCE|SEGMENT)\b.*$/m.exec(`${stdout}\n${stderr}`);
    expect({ args, literal: literal?.[0] }).toEqual({ args, literal: undefined });
  }
  const shown = await run('show', 'wal-1.bin');
  expect(shown.stderr).toContain('walq repair orders --replace-corrupt wal-1.bin');
  const restored = await run('restore', 'orders', '--to', 'restored');
  expect(restored.stderr).toContain('walq repair orders --replace-corrupt wal-1.bin');
});
