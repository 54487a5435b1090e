import { join } from 'node:path';
import { startProcess, temporaryDirectory } from '@walq/test-support';
import { expect, test } from 'vitest';
import { contentsOf, openedLog } from './opened-log.ts';

/** Appends without end, in small segments, and prints what was acknowledged. */
const program = `
  import { openLog } from '@walq/wal-core/internal';
  const log = await openLog({ directory: process.argv[1], segmentBytesMax: 20_000 });
  for (;;) {
    const payloads = Array.from({ length: 40 }, (_, at) => Buffer.from('x'.repeat(at * 7)));
    await Promise.all(payloads.map((payload) => log.append(payload)));
    process.stdout.write('acknowledged ' + log.position + '\\n');
  }
`;

test('whenever a writer is killed, all acknowledged records exist, and the log takes new ones', async () => {
  const directory = await temporaryDirectory('log');
  let acknowledged = 0;
  for (let round = 1; round <= 5; round += 1) {
    const args = ['--input-type=module', '--eval', program, directory.path];
    const cwd = join(import.meta.dirname, '../..');
    const writer = await startProcess(process.execPath, args, { cwd });
    const enough = acknowledged + 40 * (10 + round * 7);
    await writer.waitForLine((line) => Number(line.split(' ')[1]) >= enough);
    await writer.kill('SIGKILL');
    const lines = writer.stdout.trim().split('\n');
    acknowledged = Number(lines.at(-1)?.split(' ')[1]);
    const log = await openedLog(directory.path);
    expect(Number(log.position)).toBeGreaterThanOrEqual(acknowledged);
    const contents = await contentsOf(directory.path);
    expect(contents.length).toBe(Number(log.position));
    acknowledged = contents.length;
    await log.close();
  }
});
