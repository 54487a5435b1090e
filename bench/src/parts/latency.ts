/** What a caller waits for: a single flush on an idle system, and the call of `flushed()` itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { bare } from '../contestants/bare.ts';
import type { Contestant, Place, RoleEnvironment, Runner } from '../contestants/contestant.ts';
import { producerFor, queueAwaited } from '../contestants/queue.ts';
import { inOrder, percentile } from '../figures.ts';
import type { Input } from '../input/input.ts';
import { Seeded } from '../input/records.ts';
import type { SegmentSet, SegmentSets } from '../input/segment-sets.ts';
import { measureRounds, withPlace, type BenchSite } from '../measure/measure-rounds.ts';
import { verifyObjects } from '../measure/verify-objects.ts';

export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** How long one contestant took for a single segment on an idle system, milliseconds. */
export interface IdleLatency {
  readonly id: string;
  readonly title: string;
  readonly ms: Percentiles;
}

export interface LatencyReport {
  /** One segment of 64 KiB, until it is archived: `bare`, and walq's queue until `flushedAndArchived()` resolves. */
  readonly idle: readonly IdleLatency[];
  /** The call of `flushed()`, 10,000 times a second, microseconds. */
  readonly flushedUs: { readonly redisUp: Percentiles; readonly redisDown: Percentiles };
}

const contestants = [bare, queueAwaited];

/** The number of calls of `onMeasured` by `measureLatency`. */
export const latencySteps = ({ rounds }: BenchSite): number => contestants.length * rounds + 2;

export async function measureLatency(site: BenchSite, sets: SegmentSets): Promise<LatencyReport> {
  const standings = await measureRounds(
    site,
    await idleInput(site, sets),
    contestants,
    flushOneByOne,
  );
  const idle = standings.map(({ id, title, runs }) => ({
    id,
    title,
    ms: percentilesOf(runs.flat()),
  }));
  const tiny = await sets.get('64B');
  const none = pathToFileURL(join(site.root, 'no-redis.sock')).href.replace(/^file:/, 'unix:');
  return {
    idle,
    flushedUs: {
      redisUp: await callSteadily(site, tiny, site.env),
      redisDown: await callSteadily(site, tiny, { ...site.env, WALQ_REDIS__URL: none }),
    },
  };
}

/** Of all rounds together. */
const SAMPLES = 200;
const SAMPLES_SHORT = 20;
const WARM_UP = 20;

async function idleInput({ short, rounds }: BenchSite, sets: SegmentSets): Promise<Input> {
  const set = await sets.get('64KiB');
  const samples = Math.ceil((short ? SAMPLES_SHORT : SAMPLES) / rounds);
  return { ...set, measured: set.measured.slice(0, WARM_UP + samples) };
}

/**
 * Longer than the 50 ms in which walq gathers flushes, so that all processes have gone to sleep; never in step with an
 * interval of theirs. Longer pauses add what it costs to wake a processor, most of all on a virtual machine.
 */
const IDLE_MS_MIN = 60;
const IDLE_MS_SPREAD = 30;

async function flushOneByOne(
  contestant: Contestant,
  runner: Runner,
  place: Place,
): Promise<number[]> {
  const random = new Seeded(1);
  const { warmUp, measured } = place.input;
  await runner.clean(warmUp.at(-1)?.name ?? '');
  const ms: number[] = [];
  for (const { name } of measured) {
    const idleMs = IDLE_MS_MIN + random.below(IDLE_MS_SPREAD);
    await sleep(idleMs, undefined, { signal: place.signal });
    ms.push(await runner.clean(name));
  }
  await verifyObjects(contestant, place);
  return ms.slice(WARM_UP);
}

const SECONDS = 3;
const SECONDS_SHORT = 1;
const FLUSHES_PER_MS = 10;

/** No worker runs, so that the producer has the cores to itself. */
const callSteadily = (
  site: BenchSite,
  set: SegmentSet,
  env: RoleEnvironment,
): Promise<Percentiles> =>
  withPlace(site, set, async ({ configPath }) => {
    const producer = await producerFor({ configPath, env });
    try {
      const highest = set.warmUp.length + set.measured.length;
      return percentilesOf(await timeCalls(site, highest, (upTo) => producer.flushed(upTo)));
    } finally {
      await producer.close();
    }
  });

/** The watermark moves on evenly, from the first segment to the last but one. */
async function timeCalls(
  site: BenchSite,
  highest: number,
  flushed: (upTo: bigint) => void,
): Promise<number[]> {
  const us: number[] = [];
  const calls = (site.short ? SECONDS_SHORT : SECONDS) * 1000 * FLUSHES_PER_MS;
  const startedMs = performance.now();
  while (us.length < calls) {
    site.signal.throwIfAborted();
    const due = Math.min(calls, (performance.now() - startedMs) * FLUSHES_PER_MS);
    while (us.length < due) {
      us.push(timeOf(flushed, 1 + Math.floor((us.length * highest) / calls)));
    }
    await sleep(1);
  }
  return us;
}

function timeOf(flushed: (upTo: bigint) => void, upTo: number): number {
  const number = BigInt(upTo);
  const startedNs = process.hrtime.bigint();
  flushed(number);
  return Number(process.hrtime.bigint() - startedNs) / 1000;
}

export function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = inOrder(values);
  return {
    count: sorted.length,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    max: sorted.at(-1) ?? Number.NaN,
  };
}
