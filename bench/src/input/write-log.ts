/** Segments of walq's own log, written by the log itself. */
import { openLog } from '@walq/wal-core/internal';
import { recordsOf } from './records.ts';

export interface WriteLogOptions {
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

/** Records are the same for the same seed; segments differ in the salt that each log draws for itself. */
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
