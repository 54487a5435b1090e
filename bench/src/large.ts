/** What asynchronous input and output, and streaming, bring on large files. */
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contestant } from './contestants/contestant.ts';
import { cleanupUpTo, cleanupUpToSync, openProcess } from './contestants/in-process.ts';
import { inTurn } from './figures.ts';
import { rawName, readInput } from './input/input.ts';
import { recordsOf } from './input/records.ts';
import { inPlace, type BenchSite } from './measure/measure-rounds.ts';
import { startMeter } from './measure/process-meter.ts';
import { verifyObjects } from './measure/verify-objects.ts';

interface LargeRun {
  readonly wallMs: number;
  readonly heldMs: number;
  readonly peakBytes: number;
}

export interface LargeStanding {
  readonly title: string;
  readonly runs: readonly LargeRun[];
}

export interface LargeReport {
  readonly fileBytes: number;
  readonly files: number;
  readonly ways: readonly LargeStanding[];
}

const FILES = 2;
const ROUNDS_MAX = 3;
const PIECE_BYTES = 1024 * 1024;

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

export async function measureLarge(site: BenchSite, fileBytes: number): Promise<LargeReport> {
  const input = await makeInput(site, fileBytes);
  const runs = new Map(ways.map(({ id }) => [id, [] as LargeRun[]]));
  for (let round = 0; round < roundsOf(site); round += 1) {
    for (const way of inTurn(ways, round))
      runs.get(way.id)?.push(await measureOnce(site, input, way));
  }
  const standings = ways.map(({ id, title }) => ({ title, runs: runs.get(id) ?? [] }));
  return { fileBytes, files: FILES, ways: standings };
}

const measureOnce = (
  site: BenchSite,
  input: Awaited<ReturnType<typeof makeInput>>,
  way: Contestant,
) =>
  inPlace(site, input, way, async (runner, place): Promise<LargeRun> => {
    await runner.clean(input.warmUp.at(-1)?.name ?? '');
    const stop = startMeter();
    const { wallMs, heldMs } = await runner.clean(input.measured.at(-1)?.name ?? '');
    const { peakBytes } = stop();
    await verifyObjects(way, place);
    return { wallMs, heldMs, peakBytes };
  });

/** In addition to the large files: one that is archived before the clock starts, and one that stays. */
async function makeInput(site: BenchSite, fileBytes: number) {
  const directory = join(site.root, 'large');
  await mkdir(directory);
  const sizes = [PIECE_BYTES, ...Array.from({ length: FILES }, () => fileBytes), 1];
  for (const [index, bytes] of sizes.entries()) {
    site.signal.throwIfAborted();
    await writeRecords(join(directory, rawName(index + 1)), bytes, site.seed + index);
  }
  return readInput({ directory, title: 'large files', warmUpCount: 1, segments: FILES });
}

async function writeRecords(path: string, bytes: number, seed: number): Promise<void> {
  const records = recordsOf(seed);
  const file = await open(path, 'wx');
  try {
    for (let left = bytes; left > 0;) {
      const pieces: Buffer[] = [];
      let size = 0;
      for (; size < Math.min(left, PIECE_BYTES); size += pieces.at(-1)?.length ?? 0) {
        pieces.push(records.next().value);
      }
      const piece = Buffer.concat(pieces).subarray(0, left);
      await file.write(piece);
      left -= piece.length;
    }
  } finally {
    await file.close();
  }
}
