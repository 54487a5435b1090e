/** A WAL file for PostgreSQL's recovery, which ends at the first file that it is told is not there (I5). */
import { setTimeout as sleep } from 'node:timers/promises';
import { WalqError } from '../../base/failure/walq-error.ts';
import { fetchFile, namingInArchive, untilHealed, type FetchOptions } from './fetch-file.ts';
import { hasOwnCopy } from './own-copy.ts';
import { laterThan } from './later-wal.ts';
import { walGap, type FoundGap } from './wal-gap.ts';

export interface RecoveryFetchOptions extends FetchOptions {
  /**
   * How long a missing file may come into an archive that has later ones: segments are archived in parallel, so
   * at the end of a running server's archive one may be there before the one in front of it. @default 10000
   */
  readonly gapWaitMs?: number;
}

const GAP_WAIT_MS = 10_000;
const LOOK_EVERY_MS = 500;

/**
 * As `fetchFile`; `absent` only where nothing later is known, or pg_wal has the file itself.
 * @throws WalqError `wal-gap` where the archive proves that WAL goes on behind the file
 */
export async function fetchForRecovery(
  options: RecoveryFetchOptions,
  name: string,
  destination: string,
): Promise<'fetched' | 'absent'> {
  const { signal, gapWaitMs = GAP_WAIT_MS } = options;
  const until = performance.now() + gapWaitMs;
  for (;;) {
    if ((await fetchFile(options, name, destination)) === 'fetched') return 'fetched';
    const gap = await untilHealed(options, () => gapAt(options, name, destination));
    if (gap === undefined) return 'absent';
    if (signal.aborted || performance.now() >= until) throw await walGap(gap);
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function gapAt(
  { disk, store, source }: FetchOptions,
  name: string,
  destination: string,
): Promise<FoundGap | undefined> {
  const naming = await namingInArchive(store, source);
  const { rule } = naming;
  if (rule.kind !== 'postgres') throw new TypeError('no naming of PostgreSQL');
  const absent = naming.parse(name);
  if (absent === undefined) throw otherSize(name, rule.segmentBytes);
  const place = { store, source, naming };
  const later = await laterThan(place, absent);
  if (later === undefined) return undefined;
  if (await hasOwnCopy(disk, { name, destination, segmentBytes: rule.segmentBytes }))
    return undefined;
  return { ...place, absent, later };
}

const otherSize = (name: string, segmentBytes: number): WalqError =>
  new WalqError('usage', {
    message: `${name} is not the name of a segment of ${segmentBytes} bytes, which the archive holds`,
    hint: 'Check that the archive is of this server: --archive, --source.',
  });
