/**
 * One source and its archive at one moment. `walq status`, the metrics, the archive page and `walq repair` all use
 * this, and
 * `diskConditions` derives what is wrong from it, so that they agree.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { toFailureRecord, WalqError, type FailureRecord } from '../../base/failure/walq-error.ts';
import { withNames } from '../../base/failure/advice.ts';
import type { Inspector } from './inspector.ts';
import type { SourceSnapshot } from './source-snapshot.ts';
import type { TrackedDisk } from '../../base/disk/tracked-disk.ts';
import type { Source } from '../../source/source.ts';
import { parseFileUrl } from '../../store/open-store.ts';

export type SourceObservation =
  | {
      readonly source: string;
      readonly snapshot: SourceSnapshot;
      readonly failure: null;
      readonly failingSince: null;
    }
  | {
      readonly source: string;
      readonly snapshot: null;
      /** Why the source or its archive cannot be read. */
      readonly failure: FailureRecord;
      /** When reading began to fail, ISO 8601, as far as this process knows. */
      readonly failingSince: string;
    };

type Snapshotter = Pick<Inspector, 'snapshot'>;

interface RunningSnapshot {
  /** Resolves with the result, or earlier with the failure that a disk does not answer. Never rejects. */
  readonly first: Promise<SourceObservation>;
  /** Resolves with the result when the disk answers. Never rejects. */
  readonly result: Promise<SourceObservation>;
}

/** @param before the previous observation of this source */
export function startSnapshot(
  probed: ProbedSource,
  inspector: Snapshotter,
  before?: SourceObservation,
): RunningSnapshot {
  const { name } = probed.source;
  const ended = new AbortController();
  const result = takeSnapshot(name, inspector, before).finally(() => ended.abort());
  const stalled = untilStalled(probed, ended.signal).then((failure) =>
    failure === undefined ? result : failing(name, failure, before),
  );
  return { first: Promise.race([result, stalled]), result };
}

async function takeSnapshot(
  source: string,
  inspector: Snapshotter,
  before: SourceObservation | undefined,
): Promise<SourceObservation> {
  const startedAt = new Date().toISOString();
  try {
    return { source, snapshot: await inspector.snapshot(), failure: null, failingSince: null };
  } catch (error) {
    return failing(source, error, before, startedAt);
  }
}

const failing = (
  source: string,
  error: unknown,
  before: SourceObservation | undefined,
  at = new Date().toISOString(),
): SourceObservation => ({
  source,
  snapshot: null,
  failure: toFailureRecord(withNames(error, { source })),
  failingSince: before?.failingSince ?? at,
});

// Notices that a snapshot does not finish because a disk does not answer.

interface ProbedSource {
  /** The disk that the snapshot reads source and archive through. */
  readonly disk: TrackedDisk;
  readonly source: Pick<Source, 'name' | 'directory' | 'sealedRule'>;
  /** URL of the archive. Network stores have deadlines of their own. */
  readonly archive: string;
}

/** A call that takes this long hangs. */
const STALLED_MS = 10_000;
const POLL_INTERVAL_MS = 250;

/**
 * Resolves with the failure once a call hangs; with undefined once the signal is aborted, which means that the
 * snapshot ended.
 */
async function untilStalled(
  probed: ProbedSource,
  signal: AbortSignal,
): Promise<WalqError | undefined> {
  while (!signal.aborted) {
    const stall = stallOf(probed);
    if (stall !== undefined) return stall;
    await sleep(POLL_INTERVAL_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }
  return undefined;
}

function stallOf({ disk, source, archive }: ProbedSource): WalqError | undefined {
  return (
    hanging(disk, directoriesOf(source), 'source-unavailable', `source '${source.name}'`) ??
    hanging(disk, archiveDirectory(archive), 'store-unavailable', `the archive ${archive}`)
  );
}

function hanging(
  disk: TrackedDisk,
  directories: readonly string[],
  code: 'source-unavailable' | 'store-unavailable',
  who: string,
): WalqError | undefined {
  const call = disk.oldestPending(directories);
  if (call === undefined || performance.now() - call.sinceMs < STALLED_MS) return undefined;
  const seconds = STALLED_MS / 1_000;
  return new WalqError(code, {
    message: `${who} does not answer: ${call.what} '${call.path}' has not returned for ${seconds} s`,
    hint: 'Check the disk, or the server behind the mount, and the kernel messages.',
  });
}

const directoriesOf = ({ directory, sealedRule }: ProbedSource['source']): string[] =>
  sealedRule.kind === 'ready'
    ? [directory, sealedRule.dataDirectory, sealedRule.stateDirectory]
    : [directory];

const archiveDirectory = (archive: string): string[] => {
  const { path } = parseFileUrl(archive);
  return path === undefined ? [] : [path];
};
