/** Waits for a WAL file while another process is likely to archive it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Disk } from '../../base/disk/disk.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import { claimOn } from '../../pipeline/claim.ts';
import type { Source } from '../../source/source.ts';
import { rolesAlive } from './heartbeat.ts';

const POLL_INTERVAL_MS = 15;
/** How long to wait for a running role to claim the file. The shell fast path may have waited as long before. */
const UNCLAIMED_WAIT_MS = 1_000;
/** How long to wait for a process that has claimed it, which may be frozen or dead. */
const CLAIMED_WAIT_MS = 5_000;

export interface WaitOptions {
  readonly disk: Disk;
  readonly source: Source;
  readonly signal: AbortSignal;
  readonly isArchived: () => Promise<boolean>;
}

/** True when it is archived. @throws WalqError `cancelled` */
export async function waitForOthers(
  { disk, source, signal, isArchived }: WaitOptions,
  name: string,
): Promise<boolean> {
  const startedMs = performance.now();
  let claim: string | undefined;
  let claimedMs = startedMs;
  for (;;) {
    throwIfAborted(signal, name);
    if (await isArchived()) return true;
    const nowMs = performance.now();
    const now = await claimOn(disk, source, name);
    if (now !== claim) [claim, claimedMs] = [now, nowMs];
    const isWorthWaiting =
      claim === undefined
        ? nowMs - startedMs < UNCLAIMED_WAIT_MS && (await rolesAlive(disk, source))
        : nowMs - claimedMs < CLAIMED_WAIT_MS;
    if (!isWorthWaiting) return false;
    await sleep(POLL_INTERVAL_MS);
  }
}

function throwIfAborted({ aborted, reason }: AbortSignal, name: string): void {
  if (!aborted) return;
  const message = `${name} was not archived before the deadline`;
  throw new WalqError('cancelled', { message, cause: reason });
}
