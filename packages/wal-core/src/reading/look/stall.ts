/** Notices that a look does not come to an end because a disk does not answer. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TrackedDisk } from '../../base/disk/tracked-disk.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import type { Source } from '../../source/source.ts';
import { parseFileUrl } from '../../store/open-store.ts';

export interface StallPlace {
  /** Through which source and archive are looked at. */
  readonly disk: TrackedDisk;
  readonly source: Pick<Source, 'name' | 'directory' | 'sealedRule'>;
  /** URL of the archive; a server in the network has deadlines of its own. */
  readonly archive: string;
}

/** A call that takes as long is not slow: it hangs. */
const STALLED_MS = 10_000;
const ASK_EVERY_MS = 250;

/** Gives the failure once a call hangs; undefined once the signal is aborted, which says that the look has ended. */
export async function untilStalled(
  place: StallPlace,
  signal: AbortSignal,
): Promise<WalqError | undefined> {
  while (!signal.aborted) {
    const stall = stallOf(place);
    if (stall !== undefined) return stall;
    await sleep(ASK_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }
  return undefined;
}

function stallOf({ disk, source, archive }: StallPlace): WalqError | undefined {
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

const directoriesOf = ({ directory, sealedRule }: StallPlace['source']): string[] =>
  sealedRule.kind === 'ready'
    ? [directory, sealedRule.dataDirectory, sealedRule.stateDirectory]
    : [directory];

const archiveDirectory = (archive: string): string[] => {
  const { path } = parseFileUrl(archive);
  return path === undefined ? [] : [path];
};
