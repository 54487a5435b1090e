/** All contestants over the same segments, in turns, so that what else the machine does hits all alike. */
import type { Contestant } from '../contestants/contestant.ts';
import type { Input } from '../input/input.ts';
import { inPlace, type BenchSite } from './bench-site.ts';
import { startMeter } from './process-meter.ts';
import { verifyObjects } from './verify-objects.ts';

/** One contestant, once. */
export interface Run {
  readonly wallMs: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  readonly segments: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface Standing {
  readonly id: string;
  readonly title: string;
  /** Why it did not take part. */
  readonly absence?: string | undefined;
  /** One for each round. */
  readonly runs: readonly Run[];
}

export async function measureRounds(
  site: BenchSite,
  input: Input,
  contestants: readonly Contestant[],
): Promise<Standing[]> {
  const present = contestants.filter(({ absence }) => absence === undefined);
  const runs = new Map(contestants.map(({ id }) => [id, [] as Run[]]));
  for (let round = 0; round < site.rounds; round += 1) {
    for (const contestant of inTurn(present, round)) {
      runs.get(contestant.id)?.push(await measureOnce(site, input, contestant));
    }
  }
  return contestants.map(({ id, title, absence }) => ({
    id,
    title,
    absence,
    runs: runs.get(id) ?? [],
  }));
}

/** Each round begins with the next one: nobody always runs behind the same. */
export const inTurn = <T>(items: readonly T[], round: number): T[] =>
  items.map((_, index) => items[(index + round) % items.length] as T);

const measureOnce = (site: BenchSite, input: Input, contestant: Contestant): Promise<Run> =>
  inPlace(site, input, contestant, async (runner, place) => {
    await runner.clean(input.warmUp.at(-1)?.name ?? '');
    const stop = startMeter();
    const { wallMs } = await runner.clean(input.measured.at(-1)?.name ?? '');
    const usage = stop();
    const verified = await verifyObjects(contestant, place);
    return { wallMs, ...usage, ...verified };
  });
