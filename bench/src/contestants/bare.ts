/**
 * The floor: a program of plain blocking calls that takes walq's steps with a segment, a process for each core. The
 * processes are started before the clock, and this one hands names to them: no queue, claims, manifest or metrics.
 */
import { windowFor } from '@walq/wal-core/internal';
import { open } from 'node:fs/promises';
import { piecesOf } from '../figures.ts';
import { AnsweringProcess } from '../answering-process.ts';
import { bytesOf, type InputSegment } from '../input/input.ts';
import { timed } from '../measure/process-meter.ts';
import type { BareOrder, BareSettings } from './bare-process.ts';
import { environmentOf, type Contestant, type Place, type Runner } from './contestant.ts';

/** Fsyncs the directories for each segment. */
export const bare: Contestant = {
  id: 'bare',
  title: 'bare',
  deletes: true,
  open: (place) => openBare(place, 'segment'),
};

/** Fsyncs the directories once for as many segments as a job of walq holds. */
export const bareInBatches: Contestant = {
  id: 'bare-batches',
  title: 'bare, in batches',
  deletes: true,
  open: (place) => openBare(place, 'batch'),
};

const BATCH_SEGMENTS_MAX = 64;
const BATCH_BYTES_MAX = 16 * 1024 * 1024;
/** Where nothing is shared by what is handed over at once, small portions keep all processes at work to the end. */
const PORTIONS_A_PROCESS = 8;

type Barrier = BareSettings['barrier'];
type BareProcess = AnsweringProcess<BareOrder, unknown>;

async function openBare(place: Place, barrier: Barrier): Promise<Runner> {
  const settings = await settingsFor(place, barrier);
  const processes = await startAll(place, settings);
  const waiting = [...place.input.segments];
  const take = (upTo: string) =>
    waiting.splice(0, 1 + waiting.findIndex(({ name }) => name === upTo));
  return {
    clean: (upTo) => {
      const segments = take(upTo);
      const portions = portionsOf(segments, barrier, processes.length).values();
      const lane = async (each: BareProcess) => {
        for (const names of portions) await each.ask({ names });
      };
      return timed(() => Promise.all(lanesOf(processes, segments).map(lane)));
    },
    close: async () => {
      await Promise.all(processes.map((each) => each.stop('SIGKILL')));
    },
  };
}

const LARGE_BYTES = 4 * 1024 * 1024;

/**
 * While a process works on a short portion, the next one waits in its pipe. A large segment does not wait behind
 * another one: at the end a core would be idle until then.
 */
const lanesOf = <T>(processes: readonly T[], segments: readonly InputSegment[]): readonly T[] =>
  bytesOf(segments) > LARGE_BYTES * segments.length ? processes : [...processes, ...processes];

async function settingsFor(place: Place, barrier: Barrier): Promise<BareSettings> {
  const { sourceDirectory, archiveDirectory, level, input } = place;
  const [first] = input.segments;
  const bytesMax = Math.max(...input.segments.map(({ bytes }) => bytes));
  const { windowLog } =
    first === undefined ? {} : windowFor(level, await beginningOf(first), first.bytes);
  return { sourceDirectory, archiveDirectory, level, windowLog, bytesMax, barrier };
}

/** As much as walq reads at once: by this it chooses zstd's window. */
const BEGINNING_BYTES = 256 * 1024;

async function beginningOf({ path }: InputSegment): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BEGINNING_BYTES));
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** What a process gets at once. */
function portionsOf(
  segments: readonly InputSegment[],
  barrier: Barrier,
  processes: number,
): string[][] {
  const share = barrier === 'batch' ? 1 : PORTIONS_A_PROCESS;
  const fit = Math.floor((BATCH_BYTES_MAX * segments.length) / Math.max(1, bytesOf(segments)));
  const equal = Math.ceil(segments.length / (processes * share));
  const size = Math.max(1, Math.min(BATCH_SEGMENTS_MAX, fit, equal));
  const names = segments.map(({ name }) => name);
  return piecesOf(names, size);
}

async function startAll(place: Place, settings: BareSettings): Promise<BareProcess[]> {
  const starting = Array.from({ length: place.parallelism }, () =>
    AnsweringProcess.start<BareOrder, unknown>({
      entry: new URL('bare-process.js', import.meta.url),
      args: [JSON.stringify(settings)],
      env: environmentOf({}),
      // Linux gives each session the same share of a busy machine, and other contestants have one.
      detached: false,
      signal: place.signal,
    }),
  );
  const started = await Promise.allSettled(starting);
  const processes = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = started.find((one) => one.status === 'rejected');
  if (failed === undefined) return processes;
  await Promise.all(processes.map((each) => each.stop('SIGKILL')));
  throw failed.reason;
}
