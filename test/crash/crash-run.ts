import { join } from 'node:path';
import { countCases, startProcess, type RunningProcess } from '@walq/test-support';

const script = join(import.meta.dirname, 'processes/crash-process.mjs');

export interface CrashRun {
  /** A part of `processes/parts.mjs`. */
  readonly part: string;
  readonly root: string;
  /** For the parts that talk to Redis. */
  readonly redis?: string;
  /** Where the archive is, and its server; default a directory below `root`. */
  readonly s3?: { readonly url: string; readonly endpoint: string };
  /** The call to the disk before which the process kills itself, from 1. @default none */
  readonly killAt?: number;
}

/** Begins a part of walq in a process of its own. */
export const startCrashRun = (
  run: CrashRun,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningProcess> =>
  startProcess(process.execPath, [script, JSON.stringify(run)], { env });

/** Runs it to its end. */
export async function crashRun(run: CrashRun): Promise<RunningProcess> {
  const running = await startCrashRun(run);
  await running.exit;
  return running;
}

/** Runs it undisturbed, and gives the calls that it made to the disk. @throws when it does not succeed */
export async function finishedRun(run: CrashRun): Promise<string[]> {
  const running = await crashRun(run);
  const { code } = await running.exit;
  if (code !== 0) throw new Error(`'${run.part}' ended with ${code}: ${running.stderr}`);
  return running.stdout.trim().split('\n');
}

/** A moment to die at: before the call of this number. */
export interface CrashPoint {
  readonly killAt: number;
  readonly before: string;
}

const CHANGES = /^(openNew|makeDirectory|link|rename|unlink|file\.write|file\.truncate) /;

/**
 * The moments that a reader of the disk can distinguish: before each call that changes something. Calls that
 * read or fsync leave the disk as a killed process finds it.
 */
export async function crashPointsOf(run: CrashRun): Promise<CrashPoint[]> {
  const calls = await finishedRun(run);
  return calls.flatMap((before, at) => (CHANGES.test(before) ? [{ killAt: at + 1, before }] : []));
}

/** Does `work` for each of `items`, a few at once; each is a case. */
export async function forEachFew<T>(
  items: Iterable<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let next = waiting.next(); !next.done; next = waiting.next()) {
      await work(next.value);
      countCases(1);
    }
  };
  await Promise.all([lane(), lane(), lane()]);
}
