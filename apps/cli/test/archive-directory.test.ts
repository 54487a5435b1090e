/** What is said of an archive directory that is not there: one that is new, and one that was there before. */
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { temporaryDirectory, type TemporaryDirectory } from '@walq/test-support';
import { expect, it } from 'vitest';
import { walq } from './walq.ts';

const PATTERN = '^wal-(?<number>\\d+)\\.bin$';

async function place(): Promise<TemporaryDirectory> {
  const directory = await temporaryDirectory('cli');
  await mkdir(directory.at('wal'));
  for (const number of [1, 2, 3]) await writeFile(directory.at(`wal/wal-${number}.bin`), 'x');
  await writeFile(
    directory.at('walq.toml'),
    `archive.url = "archive"\n[sources.ledger]\ntype = "directory"\npath = "wal"\npattern = '${PATTERN}'\n`,
  );
  return directory;
}

const everywhere = [['status'], ['check'], ['repair'], ['verify'], ['list'], ['train', 'ledger']];

/** All that a command says, on both outputs. */
async function said({ path }: TemporaryDirectory, args: readonly string[]) {
  const { code, stdout, stderr } = await walq(args, { cwd: path });
  return { code, text: stdout + stderr };
}

it('a new one is never said to be gone, and the command to make it is printed', async () => {
  const directory = await place();
  for (const args of everywhere.filter(([name]) => name !== 'check')) {
    const { code, text } = await said(directory, args);
    expect(text).not.toMatch(/is gone|did before/);
    expect(text).toContain(`its directory '${directory.at('archive')}' does not exist`);
    expect(text).toContain(
      `create it as the user that archives: mkdir -p ${directory.at('archive')}.`,
    );
    expect([args[0], code]).toEqual([args[0], 1]);
  }
  expect(await readdir(directory.path)).not.toContain('archive');
});

it('what begins a source makes it', async () => {
  const directory = await place();
  expect(await said(directory, ['mark-flushed', 'ledger', 'wal-2.bin'])).toMatchObject({ code: 0 });
  expect(await readdir(directory.at('archive'))).toEqual(['ledger']);
});

it('one that a known source has never been archived to does not exist yet', async () => {
  const directory = await place();
  await said(directory, ['mark-flushed', 'ledger', 'wal-2.bin']);
  const { code, text } = await said(directory, [
    'archive',
    'wal',
    '--to',
    'other',
    '--up-to',
    'wal-2.bin',
    '--source',
    'ledger',
    '--pattern',
    PATTERN,
  ]);
  expect(text).toContain(`its directory '${directory.at('other')}' does not exist yet`);
  expect(text).toContain(`mkdir -p ${directory.at('other')}`);
  expect(code).toBe(1);
});

it('one that was there before is not mounted: it is never made again, nor is that proposed', async () => {
  const directory = await place();
  await said(directory, ['mark-flushed', 'ledger', 'wal-2.bin']);
  await rename(directory.at('archive'), directory.at('elsewhere'));
  const beginning = [
    ['mark-flushed', 'ledger', 'wal-3.bin'],
    [
      'archive',
      'wal',
      '--to',
      'archive',
      '--up-to',
      'wal-2.bin',
      '--source',
      'ledger',
      '--pattern',
      PATTERN,
    ],
  ];
  for (const args of [...beginning, ['status'], ['check']]) {
    const { text } = await said(directory, args);
    if (args[0] === 'mark-flushed') continue;
    expect(text).toContain(`its directory '${directory.at('archive')}' no longer exists`);
    expect(text).toContain('Mount the archive. walq does not create a new one in its place.');
    expect(text).not.toContain('mkdir');
  }
  expect(await readdir(directory.path)).not.toContain('archive');
  await rm(directory.at('elsewhere'), { recursive: true });
});

it('one that holds the directory under another name says so', async () => {
  const directory = await place();
  await said(directory, ['archive', 'wal', '--to', 'archive', '--source', 'first']);
  const second = ['--source', 'ledger', '--pattern', PATTERN];
  const { code, text } = await said(directory, ['archive', 'wal', '--to', 'archive', ...second]);
  expect(text).toContain(
    `is already archived to file://${directory.at('archive')} as source 'first'`,
  );
  expect(text).toContain("call the source 'first'");
  expect(text).not.toContain('mounted');
  expect(code).toBe(1);
});

it('a path that a shell would split is quoted', async () => {
  const directory = await temporaryDirectory('cli');
  const { text } = await said(directory, ['list', '--archive', "it's new"]);
  expect(text).toContain(`mkdir -p '${directory.at("it'\\''s new")}'`);
});
