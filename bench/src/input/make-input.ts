import { openLog } from '@walq/wal-core/internal';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readInput, type Input } from './input.ts';
import { makePgbenchWal } from './pgbench-wal.ts';
import { recordsOf } from './records.ts';

export interface InputRequest {
  /** Where what has to be made is made. */
  readonly root: string;
  /** A directory of segments; nothing in it is changed. */
  readonly input?: string | undefined;
  /** Has PostgreSQL make WAL. */
  readonly pgbench: boolean;
  /** To be measured. */
  readonly segments: number;
  readonly segmentBytes: number;
  readonly parallelism: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

export async function makeInput(request: InputRequest): Promise<Input> {
  // Every thread has worked once before the clock starts.
  const warmUpCount = 2 * request.parallelism;
  const { segments } = request;
  const { directory, title } = await segmentsFor({ ...request, segments: segments + warmUpCount });
  return readInput({ directory, title, warmUpCount, segments });
}

async function segmentsFor(request: InputRequest): Promise<{ directory: string; title: string }> {
  const { input, root, pgbench } = request;
  if (input !== undefined) return { directory: input, title: `the segments in ${input}` };
  if (pgbench) return { directory: await makePgbenchWal(request), title: 'WAL of pgbench' };
  const directory = join(root, 'log');
  await mkdir(directory);
  await writeLog({ ...request, directory });
  return { directory, title: `segments of walq's log, seed ${request.seed}` };
}

/** Segments of walq's own log, written by the log itself. */
interface WriteLogOptions {
  readonly directory: string;
  /** How many to seal; the one after them stays open. */
  readonly segments: number;
  readonly segmentBytes: number;
  readonly seed: number;
  /** What is written. @default recordsOf */
  readonly records?: (seed: number) => Generator<Buffer, never>;
  readonly signal: AbortSignal;
}

/** Together they make one commit. */
const APPENDS_AT_ONCE = 4096;

/**
 * Segments of walq's own log, written by the log itself. Records are the same for the same seed; segments differ in
 * the salt that each log draws for itself.
 */
export async function writeLog(options: WriteLogOptions): Promise<void> {
  let sealed = 0;
  const log = await openLog({
    directory: options.directory,
    segmentBytesMax: options.segmentBytes,
    onSealed: () => (sealed += 1),
  });
  const records = (options.records ?? recordsOf)(options.seed);
  try {
    while (sealed < options.segments) {
      options.signal.throwIfAborted();
      const appends = Array.from({ length: APPENDS_AT_ONCE }, () =>
        log.append(records.next().value),
      );
      await Promise.all(appends);
    }
  } finally {
    await log.close();
  }
}
