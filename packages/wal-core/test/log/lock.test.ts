import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startProcess, temporaryDirectory, type RunningProcess } from '@walq/test-support';
import { openLog } from '@walq/wal-core/internal';
import { expect, test } from 'vitest';
import { contentsOf, openedLog, text } from './opened-log.ts';

const locked = { code: 'log-locked' };

/** A process that opens the log, appends one record and stays. */
async function writerProcess(directory: string): Promise<RunningProcess> {
  const program = `
    import { openLog } from '@walq/wal-core/internal';
    const log = await openLog({ directory: process.argv[1] });
    await log.append(Buffer.from('from another process'));
    console.log('appended');
    setInterval(() => {}, 1000);
  `;
  const args = ['--input-type=module', '--eval', program, directory];
  return startProcess(process.execPath, args, { cwd: join(import.meta.dirname, '../..') });
}

test('a log that a process has open is refused to others, and free again when that closes it', async () => {
  const directory = await temporaryDirectory('log');
  const log = await openLog({ directory: directory.path });
  await expect(openLog({ directory: directory.path })).rejects.toMatchObject(locked);
  await log.append(text('undisturbed'));
  await log.close();
  await openedLog(directory.path);
});

test('the log of a killed process is free immediately, with all acknowledged records', async () => {
  const directory = await temporaryDirectory('log');
  const writer = await writerProcess(directory.path);
  await writer.waitForLine(/appended/);
  await expect(openLog({ directory: directory.path })).rejects.toMatchObject(locked);
  await writer.kill('SIGKILL');
  const log = await openedLog(directory.path);
  expect(await log.append(text('mine'))).toBe(2n);
  expect(await contentsOf(directory.path)).toEqual(['1:from another process', '2:mine']);
});

test('a stopped process keeps its lock: a slow process is not taken for dead', async () => {
  const directory = await temporaryDirectory('log');
  const writer = await writerProcess(directory.path);
  await writer.waitForLine(/appended/);
  writer.send('SIGSTOP');
  await expect(openLog({ directory: directory.path })).rejects.toMatchObject(locked);
});

test('of many processes that open a log at the same time never two get it', async () => {
  const directory = await temporaryDirectory('log');
  for (let round = 0; round < 10; round += 1) {
    const tries = Array.from({ length: 8 }, () => openLog({ directory: directory.path }));
    const results = await Promise.allSettled(tries);
    const opened = results.filter((result) => result.status === 'fulfilled');
    const refused = results.filter((result) => result.status === 'rejected');
    expect(opened.length).toBeLessThanOrEqual(1);
    for (const { reason } of refused) expect(reason).toMatchObject(locked);
    for (const { value } of opened) await value.close();
  }
  await (await openedLog(directory.path)).close();
  expect(await readdir(directory.at('.walq'))).toEqual([]);
});

test('a log works in a directory whose path is too long for the address of a socket', async () => {
  const directory = await temporaryDirectory('log');
  const deep = directory.at('d'.repeat(200));
  await mkdir(deep);
  const log = await openLog({ directory: deep });
  await expect(openLog({ directory: deep })).rejects.toMatchObject(locked);
  await log.close();
  await openedLog(deep);
});
