import { afterAll, beforeAll, expect, test } from 'vitest';
import { crashRun, finishedRun, forEachFew } from '../crash/crash-run.ts';
import { nameOf } from '../scene/index.ts';
import { isReading, newCrashPlace, type CrashPlace, type Moment } from './crash-place.ts';
import { startSite, type S3Site } from './server.ts';

let site: S3Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());

async function momentsOfArchiving(): Promise<Moment[]> {
  const moments = await (await newCrashPlace(site)).moments();
  const countOf = (at: Moment['at']) => moments.filter((one) => one.at === at).length;
  expect(countOf('disk')).toBeGreaterThan(25);
  expect(countOf('request')).toBeGreaterThan(15);
  for (const at of ['upload', 'answer'] as const) expect(countOf(at)).toBeGreaterThan(2);
  return moments;
}

/** At each of the moments, at a place of its own, which must be sound right after, and in the end. */
async function atEach(
  moments: readonly Moment[],
  dying: (place: CrashPlace, moment: Moment) => Promise<void>,
): Promise<void> {
  await forEachFew(moments, async (moment) => {
    const place = await newCrashPlace(site);
    await dying(place, moment);
    await place.it.mirror();
    const faults = await place.it.scene.faultsAtAnyTime();
    expect({ moment, faults }).toEqual({ moment, faults: [] });

    await finishedRun(place.run);

    await expectAllArchived(place, moment);
    await place.close();
  });
}

/** Nothing is lost, false or twice, nothing is left to do, and what the dead left is swept. */
async function expectAllArchived(place: CrashPlace, moment: Moment): Promise<void> {
  await place.it.mirror();
  const faults = await place.it.scene.faultsAtTheEnd({ left: [nameOf(4)] });
  const staged = await place.stagedAfterSweep();
  const uploads = await place.unfinishedUploads();
  expect({ moment, faults, staged, uploads }).toEqual({
    moment,
    faults: [],
    staged: [],
    uploads: [],
  });
}

test('killed around any change to the disk and any request to the server: the next process ends the work', async () => {
  await atEach(await momentsOfArchiving(), async (place, moment) => {
    const killed = await place.archiveUntil(moment);
    const { signal } = await killed.exit;
    expect({ moment, signal }).toEqual({ moment, signal: 'SIGKILL' });
  });
});

test('killed around any change while a twin archives the same segments: nothing is lost, wrong or duplicated', async () => {
  const changes = (await momentsOfArchiving()).filter(({ what }) => !isReading(what));
  await atEach(changes, async (place, moment) => {
    await Promise.all([crashRun(place.run), place.archiveUntil(moment)]);
  });
});
