/**
 * Archives the file that PostgreSQL asked for in this process, and beside it what is ready behind: the next
 * calls are then answered by markers, however long starting a process takes.
 */
import { claimOn } from '../../pipeline/acknowledge/claim.ts';
import { asWalqError, type WalqError } from '../../base/failure/walq-error.ts';
import { quarantineFilter } from '../../archive/quarantine.ts';
import { compareSegments, type SegmentName } from '../../source/segment-name.ts';
import { scanSource } from '../../source/scan.ts';
import type { PushOptions } from './push-segment.ts';

export interface AheadFailure {
  readonly segment: string;
  readonly failure: WalqError;
}

const AHEAD_MAX = 256;
/** PostgreSQL waits meanwhile; what is not begun by then is left to its next call. */
const AHEAD_MS_MAX = 2_000;

/** Gives the number of files that were archived beside the one asked for; rejects with that one's failure. */
export async function archiveAhead(options: PushOptions, asked: SegmentName): Promise<number> {
  const archiver = options.archiver();
  const { signal } = options;
  const { source } = options.open;
  const stopAt = performance.now() + AHEAD_MS_MAX;
  let hasFailed = false;
  const own = archiver
    .archive(source, asked.name, { signal, acknowledge: false, evenBelowFloor: true })
    .catch((error: unknown) => {
      hasFailed = true;
      throw error;
    });
  const waiting = readyBehind(options, asked);
  let archived = 0;
  const lane = async (after: Promise<unknown>): Promise<void> => {
    await after;
    for await (const { name } of waiting) {
      if (signal.aborted || hasFailed || performance.now() > stopAt) return;
      if ((await claimOn(options.disk, source, name)) !== undefined) continue;
      await archiver.archive(source, name, { signal }).then(
        () => (archived += 1),
        (error: unknown) =>
          options.onAheadFailure?.({ segment: name, failure: asWalqError(error) }),
      );
    }
  };
  const others = Array.from({ length: archiver.parallelism - 1 }, () => lane(Promise.resolve()));
  const all = [own, lane(own.catch(() => undefined)), ...others];
  const [ended] = await Promise.allSettled(all);
  if (ended?.status === 'rejected') throw ended.reason;
  return archived;
}

/** The lowest of what is ready behind a file and not set aside; one list that all lanes take from. */
async function* readyBehind(
  { disk, open }: PushOptions,
  asked: SegmentName,
): AsyncGenerator<SegmentName> {
  const isSetAside = await quarantineFilter(open.store, open.source.name);
  const { lowest } = await scanSource(disk, open.source, {
    lowestMax: AHEAD_MAX,
    highestMax: 0,
    accept: (segment) => compareSegments(segment, asked) > 0 && !isSetAside(segment.name),
  });
  yield* lowest;
}
