/** What a caller waits for: a single flush on an idle system, and the call of `flushed()` itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import type { RoleEnvironment } from '../contestants/contestant.ts';
import { producerFor, queueWithWorkers } from '../contestants/queue.ts';
import { inOrder, percentile } from '../figures.ts';
import { Seeded } from '../input/records.ts';
import type { SegmentSet, SegmentSets } from '../input/segment-sets.ts';
import { inPlace, withPlace, type BenchSite } from '../measure/measure-rounds.ts';
import { verifyObjects } from '../measure/verify-objects.ts';

export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface LatencyReport {
  /** One segment of 64 KiB, milliseconds from `flushed()` until `flushedAndArchived()` resolves. */
  readonly idleMs: Percentiles;
  /** The call of `flushed()`, 10,000 times a second, microseconds. */
  readonly flushedUs: { readonly redisUp: Percentiles; readonly redisDown: Percentiles };
}

/** The number of calls of `onMeasured` by `measureLatency`. */
export const LATENCY_STEPS = 3;

export async function measureLatency(site: BenchSite, sets: SegmentSets): Promise<LatencyReport> {
  const idleMs = await flushOneByOne(site, await sets.get('64KiB'));
  const tiny = await sets.get('64B');
  const none = pathToFileURL(join(site.root, 'no-redis.sock')).href.replace(/^file:/, 'unix:');
  return {
    idleMs,
    flushedUs: {
      redisUp: await callSteadily(site, tiny, site.env),
      redisDown: await callSteadily(site, tiny, { ...site.env, WALQ_REDIS__URL: none }),
    },
  };
}

const SAMPLES = 200;
const SAMPLES_SHORT = 20;
/** Longer than any gap in which walq gathers flushes, and never in step with one of its intervals. */
const IDLE_MS_MIN = 150;
const IDLE_MS_SPREAD = 100;

function flushOneByOne(site: BenchSite, set: SegmentSet): Promise<Percentiles> {
  const random = new Seeded(site.seed);
  const queue = queueWithWorkers(1);
  const count = site.short ? SAMPLES_SHORT : SAMPLES;
  const input = { ...set, measured: set.measured.slice(0, count) };
  return inPlace(site, input, queue, async (runner, place) => {
    await runner.clean(input.warmUp.at(-1)?.name ?? '');
    const ms: number[] = [];
    for (const { name } of input.measured) {
      const idleMs = IDLE_MS_MIN + random.below(IDLE_MS_SPREAD);
      await sleep(idleMs, undefined, { signal: site.signal });
      ms.push((await runner.clean(name)).wallMs);
    }
    await verifyObjects(queue, place);
    return percentilesOf(ms);
  });
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
