/** Prunes in a process that kills itself at a step, then continues in another. */
import { join } from 'node:path';
import { startProcess } from '@walq/test-support';
import {
  type PruneStep,
  pruneSteps,
  readFloors,
  restoreRange,
  nodeDisk,
  verifyArchive,
  createInlineThreads,
} from '@walq/wal-core/internal';
import { expect, test } from 'vitest';
import { segmentName, type Place } from '../../support/place.ts';
import { archivedPlace, leftIn, numbersTo, pruned, recordsOf } from './pruned-place.ts';

const program = `
  import { nodeDisk, openManifestIndex, openStore, patternNaming, prune } from '@walq/wal-core/internal';
  const [root, step, nth] = process.argv.slice(1);
  const store = openStore(root + '/archive', { disk: nodeDisk });
  const index = await openManifestIndex(nodeDisk, root + '/cache', store.url, 'orders');
  const naming = patternNaming(/^wal-(?<number>[0-9]+)[.]bin$/, 10);
  let seen = 0;
  const onStep = (at) => {
    if (at === step && ++seen === Number(nth)) process.kill(process.pid, 'SIGKILL');
  };
  const rules = { keepFrom: [naming.parse('wal-000006.bin')] };
  const { signal } = new AbortController();
  await prune({ store, source: 'orders', naming, rules, graceMs: 0, index, by: 'x', signal, onStep });
`;

async function killedAt(place: Place, step: string, nth: number): Promise<string | null> {
  const args = ['--input-type=module', '--eval', program, place.root, step, String(nth)];
  const cwd = join(import.meta.dirname, '../../..');
  const running = await startProcess(process.execPath, args, { cwd });
  return (await running.exit).signal;
}

const moments = pruneSteps.flatMap((step): [PruneStep, number][] => {
  const times = step === 'remove' || step === 'removed' ? numbersTo(4) : [1];
  return times.map((nth) => [step, nth]);
});

test.each(moments)(
  'killed at %s %i, the archive is intact, and the next prune finishes',
  async (step, nth) => {
    const place = await archivedPlace();
    // A floor that the next one makes superfluous.
    await pruned(place, { keepFrom: 2 });
    expect(await killedAt(place, step, nth)).toBe('SIGKILL');

    const isRaised = step !== 'raise';
    const floor = (await readFloors(place.store, 'orders')).get('')?.position;
    expect(floor).toBe(isRaised ? 6n : 2n);
    const left = await leftIn(place);
    expect(left).toEqual(expect.arrayContaining(numbersTo(10, Number(floor))));
    const { store, source } = place;
    const about = {
      store,
      source: 'orders',
      naming: source.naming,
      signal: new AbortController().signal,
    };
    const verified = await verifyArchive({ ...about, consecutive: true, atSource: [] });
    expect(verified).toMatchObject({ gaps: [], corrupt: [] });
    const threads = createInlineThreads(nodeDisk);
    const destination = join(place.root, 'back');
    const restore = restoreRange({ ...about, disk: nodeDisk, threads, destination });
    expect(await restore).toMatchObject({ segments: isRaised ? 5 : 9 });
    const from = { from: segmentName(Number(floor) - 1) };
    const below = restoreRange({ ...about, disk: nodeDisk, threads, destination, range: from });
    await expect(below).rejects.toMatchObject({ code: 'below-prune-floor' });

    await pruned(place);
    expect(await leftIn(place)).toEqual(numbersTo(10, 6));
    expect(await recordsOf(place)).toHaveLength(1);
  },
);
