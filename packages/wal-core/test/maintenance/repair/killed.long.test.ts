import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startProcess } from '@walq/test-support';
import { expect, test } from 'vitest';
import type { Place } from '../../support/place.ts';
import { damagedPlace, expectNothingLost, expectRepaired, repair } from './repair-place.ts';

/** Repairs segment 1, and is killed right before a step. */
const program = `
  import { createThreadPool, directorySource, nodeDisk, openStore, Repairer } from '@walq/wal-core/internal';
  const [directory, archive, deadly] = process.argv.slice(1);
  const threads = createThreadPool({ parallelism: 1 });
  const repairer = await Repairer.open({
    disk: nodeDisk,
    source: directorySource({ name: 'orders', directory, pattern: /^wal-(?<number>\\d+)\\.bin$/, afterArchive: 'delete' }),
    store: openStore(archive, { disk: nodeDisk }),
    threads, level: 3, conservative: true, worker: 'killed:1', by: 'maria@db1',
    onStep: (step) => { if (step === deadly) process.kill(process.pid, 'SIGKILL'); },
  });
  await repairer.rearchive([{ name: 'wal-000001.bin', number: 1n }], { replaceCorrupt: true, takeOver: false });
  await threads.close();
`;

async function repairInProcess(place: Place, deadly: string) {
  const args = ['--input-type=module', '--eval', program, place.source.directory, place.archive];
  const cwd = join(import.meta.dirname, '../../..');
  const running = await startProcess(process.execPath, [...args, deadly], { cwd });
  return { ...(await running.exit), stderr: running.stderr };
}

const deadly =
  'begin-replace move-aside record-moved publish confirm make-durable compare-source unlink-source sync-source end-replace';

test.each(deadly.split(' '))(
  'a repair that is killed before %s is resumed by the next',
  async (step) => {
    const place = await damagedPlace();
    const damaged = await readFile(place.objectPath(1));
    expect(await repairInProcess(place, step)).toMatchObject({ signal: 'SIGKILL', stderr: '' });
    await expectNothingLost(place, damaged);
    // Once more at the same place, then to its end.
    await repairInProcess(place, step);
    await expectNothingLost(place, damaged);
    // Archived where it died between the two names of the old object and the new one.
    const { outcome } = await repair(place);
    expect(['archived', 'already-archived']).toContain(outcome);
    await expectRepaired(place, damaged);
  },
);

test('two concurrent repairs lose nothing, and one of them finishes', async () => {
  const place = await damagedPlace();
  const damaged = await readFile(place.objectPath(1));
  const ended = await Promise.all([1, 2, 3].map(() => repairInProcess(place, 'never')));
  for (const { code, stderr } of ended) expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  await repair(place);
  await expectRepaired(place, damaged);
});
