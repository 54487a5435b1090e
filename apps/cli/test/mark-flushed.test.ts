import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '@walq/test-support';
import { walq } from './walq.ts';

async function withSource(more = '') {
  const directory = await temporaryDirectory('cli');
  await mkdir(directory.at('wal'));
  await mkdir(directory.at('archive'));
  for (const number of [1, 2, 3]) await writeFile(directory.at('wal', `wal-${number}`), 'segment');
  await writeFile(
    directory.at('walq.toml'),
    `archive.url = "archive"
     [sources.ledger]
     type = "directory"
     path = "wal"
     pattern = '^wal-(?<number>\\d+)$'
     ${more}`,
  );
  const mark = (segment: string, ...args: string[]) =>
    walq(['mark-flushed', 'ledger', segment, ...args], { cwd: directory.path });
  const watermark = async () => {
    const text = await readFile(directory.at('wal', '.walq', 'watermark.json'), 'utf8');
    return (JSON.parse(text) as { segment: string }).segment;
  };
  return { directory, mark, watermark };
}

describe('walq mark-flushed', () => {
  it('moves the watermark forward and never back', async () => {
    const { mark, watermark } = await withSource();
    expect((await mark('wal-2')).stdout).toBe('ledger is flushed up to wal-2\n');
    expect((await mark('wal-1')).stdout).toBe('ledger is already flushed up to wal-2\n');
    expect(await watermark()).toBe('wal-2');
    const { stdout } = await mark('wal-3', '--json');
    expect(JSON.parse(stdout)).toEqual({ source: 'ledger', flushedUpTo: 'wal-3' });
  });

  it('refuses what is nowhere, and marks nothing', async () => {
    const { mark, watermark } = await withSource();
    const { code, stderr } = await mark('wal-4');
    expect(stderr).toContain('wal-4 is neither in');
    expect(code).toBe(1);
    await expect(watermark()).rejects.toThrow('ENOENT');
  });

  it('fails on a source that is stopped, says why and what to do, and marks nothing', async () => {
    const { directory, mark, watermark } = await withSource();
    await mark('wal-3');
    for (const number of [1, 2, 3]) await rm(directory.at('wal', `wal-${number}`));
    await writeFile(directory.at('wal', 'wal-1'), 'of an engine that started again');
    const { code, stdout, stderr } = await mark('wal-1');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('the watermark wal-3 is above every file');
    expect(stderr).toMatch(/started again.*new source name/);
    expect(stderr).toContain('code: source-reset');
    expect(await watermark()).toBe('wal-3');
  });

  it('fails where the name belongs to another directory, and says whose it is', async () => {
    const { directory, mark } = await withSource();
    await mark('wal-2');
    await mkdir(directory.at('other'));
    await writeFile(directory.at('other', 'wal-1'), 'of another engine');
    const text = await readFile(directory.at('walq.toml'), 'utf8');
    await writeFile(directory.at('walq.toml'), text.replace('path = "wal"', 'path = "other"'));
    const { code, stderr } = await mark('wal-1');
    expect(code).toBe(1);
    expect(stderr).toContain("the name 'ledger' is taken");
    expect(stderr).toContain(`belongs to ${directory.at('wal')} on host ${hostname()}, since 20`);
    expect(stderr).toContain('Rename [sources.ledger]');
  });

  it('refuses a name that is no segment, and a source that is not there', async () => {
    const { directory, mark } = await withSource();
    expect(await mark('other-1')).toMatchObject({ code: 2 });
    const { code, stderr } = await walq(['mark-flushed', 'leger', 'wal-1'], {
      cwd: directory.path,
    });
    expect(stderr).toContain('The sources are ledger.');
    expect(code).toBe(2);
  });

  it('refuses a source whose skip_newest decides', async () => {
    const { mark } = await withSource('skip_newest = 1');
    const { code, stderr } = await mark('wal-1');
    expect(stderr).toContain('has no watermark');
    expect(code).toBe(1);
  });
});
