/** What asynchronous input and output, and streaming, bring on large files. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contestant, Place, Runner } from '../contestants/contestant.ts';
import { cleanupUpTo, cleanupUpToSync, openProcess } from '../contestants/in-process.ts';
import { rawName, readInput } from '../input/input.ts';
import { writeRows } from '../input/records.ts';
import { measureRounds, type BenchSite, type StandingOf } from '../measure/measure-rounds.ts';
import { metered } from '../measure/process-meter.ts';
import { verifyObjects } from '../measure/verify-objects.ts';

interface LargeRun {
  readonly wallMs: number;
  /** Until the call gave control back to its caller. */
  readonly callMs: number;
  readonly peakBytes: number;
}

export type LargeStanding = StandingOf<LargeRun>;

export interface LargeReport {
  readonly fileBytes: number;
  readonly files: number;
  readonly ways: readonly LargeStanding[];
}

const FILES = 2;
const FILE_BYTES = 128 * 1024 * 1024;
const FILE_BYTES_SHORT = 16 * 1024 * 1024;
const ROUNDS_MAX = 3;
const WARM_UP_BYTES = 1024 * 1024;

const whole: Contestant = {
  id: 'whole',
  title: 'whole in memory, blocking',
  deletes: true,
  open: (place) => openProcess(place, 'whole'),
};

const ways: readonly Contestant[] = [
  whole,
  { ...cleanupUpToSync, title: 'streamed, blocking: cleanupUpToSync' },
  { ...cleanupUpTo, title: 'streamed, asynchronous: cleanupUpTo' },
];

const roundsOf = ({ rounds }: { readonly rounds: number }): number => Math.min(rounds, ROUNDS_MAX);

/** The number of calls of `onMeasured` by `measureLarge`. */
export const largeSteps = (site: { readonly rounds: number }): number =>
  roundsOf(site) * ways.length;

export async function measureLarge(site: BenchSite): Promise<LargeReport> {
  const fileBytes = site.short ? FILE_BYTES_SHORT : FILE_BYTES;
  const input = await makeInput(site, fileBytes);
  const standings = await measureRounds(
    { ...site, rounds: roundsOf(site) },
    input,
    ways,
    measureOnce,
  );
  return { fileBytes, files: FILES, ways: standings };
}

async function measureOnce(way: Contestant, runner: Runner, place: Place): Promise<LargeRun> {
  const { warmUp, measured } = place.input;
  await runner.clean(warmUp.at(-1)?.name ?? '');
  const { result, usage } = await metered(() => runner.clean(measured.at(-1)?.name ?? ''));
  await verifyObjects(way, place);
  return { wallMs: result.wallMs, callMs: result.callMs, peakBytes: usage.peakBytes };
}

/** In addition to the large files: one that is archived before the clock starts, and one that stays. */
async function makeInput(site: BenchSite, fileBytes: number) {
  const directory = join(site.root, 'large');
  await mkdir(directory);
  const sizes = [WARM_UP_BYTES, ...Array.from({ length: FILES }, () => fileBytes), 1];
  for (const [index, bytes] of sizes.entries()) {
    site.signal.throwIfAborted();
    await writeRows(join(directory, rawName(index + 1)), bytes, site.seed + index);
  }
  return readInput({ directory, title: 'large files', warmUpCount: 1, segments: FILES });
}
