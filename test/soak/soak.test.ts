import { createHash } from 'node:crypto';
import { countCases, startRedis } from '@walq/test-support';
import { expect, test } from 'vitest';
import { nameOf, newScene } from '../scene/index.ts';
import { Cast, faults } from './faults.ts';
import { footprint, type Footprint } from './footprint.ts';

/** How long segments come and faults happen; `npm run soak -- --hours 4` has it longer. */
const SECONDS = Number(process.env['WALQ_SOAK_SECONDS'] ?? 600);
const SEED = process.env['WALQ_SOAK_SEED'] ?? 'soak';
const DRAINED_MS_MAX = 600_000;
const SEGMENT_BYTES = 400_000;
const AT_ONCE = 4;

const names = Object.keys(faults);

/** The fault of a round, the same for the same seed. */
function faultOf(round: number): string {
  const [first = 0] = createHash('sha256').update(`${SEED} ${round}`).digest();
  return names[first % names.length] ?? '';
}

const heldBy = (cast: Cast): Promise<Footprint[]> =>
  Promise.all(cast.running().map(([name, one]) => footprint(name, one)));

test(
  'producers and workers under random faults lose nothing, and hold no more at the end',
  async () => {
    const redis = await startRedis();
    const scene = await newScene({ redisUrl: redis.url, level: 1 });
    const cast = new Cast(scene);
    await scene.writeSegments(1, 1, SEGMENT_BYTES);
    await cast.start('producer', 'producer');
    for (const name of ['worker-1', 'worker-2']) await cast.start(name, 'worker');
    const endAt = performance.now() + SECONDS * 1_000;
    const happened: Record<string, number> = {};
    let last = 1;
    let heldAtFirst: readonly Footprint[] = [];
    for (let round = 0; performance.now() < endAt; round += 1) {
      await scene.writeSegments(last + 1, last + AT_ONCE, SEGMENT_BYTES);
      last += AT_ONCE;
      await scene.markFlushed(nameOf(last - 1));
      const fault = faultOf(round);
      happened[fault] = (happened[fault] ?? 0) + 1;
      await faults[fault]?.(cast, redis);
      countCases(1);
      expect(await scene.faultsAtAnyTime()).toEqual([]);
      if (round === 0) heldAtFirst = await heldBy(cast);
    }

    await scene.untilLeft([nameOf(last)], { timeoutMs: DRAINED_MS_MAX, everyMs: 1_000 });
    const held = await heldBy(cast);
    const wrong = await scene.faultsAtTheEnd({ left: [nameOf(last)] });
    const figures = {
      segments: last,
      faults: happened,
      restarts: cast.restarts,
      heldAtFirst,
      held,
    };
    console.log(JSON.stringify({ ...figures, seconds: SECONDS, seed: SEED, wrong: wrong.length }));
    expect(wrong).toEqual([]);
    for (const { residentMb, openFiles } of held) {
      expect(residentMb).toBeLessThan(400);
      expect(openFiles).toBeLessThan(150);
    }
    await cast.end();
  },
  SECONDS * 1_000 + DRAINED_MS_MAX + 300_000,
);
