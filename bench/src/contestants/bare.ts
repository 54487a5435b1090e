/**
 * The floor: a program of plain blocking calls that takes walq's steps with a segment, a process for each core. The
 * processes are started before the clock, and this one hands names to them: no queue, claims, manifest or metrics.
 */
import { windowFor } from '@walq/wal-core/internal';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bytesOf, type InputSegment } from '../input/input.ts';
import { timeCall } from '../measure/process-meter.ts';
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

async function openBare(place: Place, barrier: Barrier): Promise<Runner> {
  const settings = await settingsFor(place, barrier);
  const processes = await startAll(place, settings);
  const waiting = [...place.input.segments];
  const take = (upTo: string) =>
    waiting.splice(0, 1 + waiting.findIndex(({ name }) => name === upTo));
  return {
    clean: (upTo) => {
      const portions = portionsOf(take(upTo), barrier, processes.length);
      return timeCall(() => Promise.all(processes.map((each) => each.workOff(portions))));
    },
    close: async () => {
      await Promise.all(processes.map((each) => each.close()));
    },
  };
}

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

/** What a process gets at once; all take from the one list. */
function portionsOf(
  segments: readonly InputSegment[],
  barrier: Barrier,
  processes: number,
): Iterator<string[], undefined> {
  const share = barrier === 'batch' ? 1 : PORTIONS_A_PROCESS;
  const fit = Math.floor((BATCH_BYTES_MAX * segments.length) / Math.max(1, bytesOf(segments)));
  const equal = Math.ceil(segments.length / (processes * share));
  const size = Math.max(1, Math.min(BATCH_SEGMENTS_MAX, fit, equal));
  const names = segments.map(({ name }) => name);
  return Array.from({ length: Math.ceil(names.length / size) }, (_, index) =>
    names.slice(index * size, (index + 1) * size),
  ).values();
}

async function startAll(place: Place, settings: BareSettings): Promise<BareProcess[]> {
  const starting = Array.from({ length: place.parallelism }, () =>
    BareProcess.start(place, settings),
  );
  const started = await Promise.allSettled(starting);
  const processes = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = started.find((one) => one.status === 'rejected');
  if (failed === undefined) return processes;
  await Promise.all(processes.map((each) => each.close()));
  throw failed.reason;
}

const entry = fileURLToPath(new URL('bare-process.js', import.meta.url));
/** While a process works on one portion, the next one waits in its pipe. */
const PORTIONS_AHEAD = 2;

class BareProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;
  readonly #stopListening: () => void;

  static async start({ signal }: Place, settings: BareSettings): Promise<BareProcess> {
    const child = fork(entry, [JSON.stringify(settings)], {
      env: environmentOf({}),
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: [],
      // Not detached: Linux gives each session the same share of a busy machine, and other contestants have one.
    });
    const one = new BareProcess(child, signal);
    await Promise.race([once(child, 'message'), one.#ended]);
    return one;
  }

  private constructor(child: ChildProcess, signal: AbortSignal) {
    const abort = () => child.kill('SIGKILL');
    signal.addEventListener('abort', abort);
    this.#child = child;
    this.#stopListening = () => signal.removeEventListener('abort', abort);
    this.#ended = once(child, 'exit').then(() => {
      signal.throwIfAborted();
      throw new Error('a bare process ended; its own message stands above');
    });
    this.#ended.catch(() => undefined);
  }

  /** Resolves when the list is empty, and all that this process took from it is done. */
  async workOff(portions: Iterator<string[], undefined>): Promise<void> {
    const done = new Promise<void>((resolve) => {
      let inFlight = 0;
      const handOver = (): void => {
        const { value } = portions.next();
        if (value === undefined) return;
        inFlight += 1;
        this.#child.send({ names: value } satisfies BareOrder);
      };
      const onDone = (): void => {
        inFlight -= 1;
        handOver();
        if (inFlight > 0) return;
        this.#child.off('message', onDone);
        resolve();
      };
      this.#child.on('message', onDone);
      for (let ahead = 0; ahead < PORTIONS_AHEAD; ahead += 1) handOver();
      if (inFlight > 0) return;
      this.#child.off('message', onDone);
      resolve();
    });
    await Promise.race([done, this.#ended]);
  }

  async close(): Promise<void> {
    this.#stopListening();
    this.#child.kill('SIGKILL');
    await this.#ended.catch(() => undefined);
  }
}
