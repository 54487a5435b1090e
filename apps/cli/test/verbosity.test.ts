import { temporaryDirectory } from '@walq/test-support';
import { mkdir, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { walq } from './walq.ts';

async function withSegments() {
  const directory = await temporaryDirectory('verbosity');
  await mkdir(directory.at('wal'));
  for (const number of [1, 2]) await writeFile(directory.at('wal', `wal-${number}.bin`), 'content');
  const source =
    '[sources.orders]\ntype = "directory"\npath = "wal"\npattern = \'^wal-(?<number>\\d+)\\.bin$\'\n';
  await writeFile(directory.at('walq.toml'), `[archive]\nurl = "archive"\n${source}`);
  return (...args: string[]) => walq(args, { cwd: directory.path });
}

const ARCHIVE = ['archive', 'wal', '--to', 'archive', '--source', 'orders'];

it('--verbose names the configuration and each segment on stderr, and data stays the same', async () => {
  const run = await withSegments();
  const archived = await run(...ARCHIVE, '--skip-newest', '0', '--verbose');
  expect(archived.stderr).toContain('wal-1.bin');
  const plain = await run('list', '--json');
  const verbose = await run('list', '--json', '-v');
  expect(plain.stderr).toBe('');
  expect(verbose.stderr).toMatch(/^walq: configuration: .*walq\.toml$/m);
  expect(verbose.stdout).toBe(plain.stdout);
});

it('--quiet prints errors and data alone', async () => {
  const run = await withSegments();
  const archived = await run(...ARCHIVE, '--quiet');
  expect(archived).toMatchObject({ code: 0, stderr: '' });
  const failed = await run('show', 'wal-9.bin', '-q');
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain('walq: the segment');
});

it('--quiet and --verbose contradict each other', async () => {
  const run = await withSegments();
  const { code, stderr } = await run('list', '-q', '-v');
  expect(code).toBe(2);
  expect(stderr).toContain("option '-q, --quiet' cannot be used with option '-v, --verbose'");
});
