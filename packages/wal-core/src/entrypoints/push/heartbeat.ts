/**
 * Heartbeats of the roles that serve a PostgreSQL source, kept on disk, so that an `archive_command` knows
 * without Redis whether waiting for the roles pays. No promise depends on them.
 */
import { join } from 'node:path';
import { discard, temporaryNameFor } from '../../base/disk/write-file-durably.ts';
import type { Disk } from '../../base/disk/disk.ts';
import { ifPresent } from '../../base/failure/system-error.ts';
import { walqDirectory, type Source } from '../../source/source.ts';

export type HeartbeatRole = 'producer' | 'worker';

/** How often a role writes its heartbeat, in milliseconds. */
export const HEARTBEAT_INTERVAL_MS = 1_000;
/** A role whose heartbeat is older than this counts as stopped. */
const HEARTBEAT_EXPIRES_MS = 3_000;

const heartbeatPath = (source: Source, role: HeartbeatRole): string =>
  join(walqDirectory(source), 'heartbeat', role);

/** @throws the system's error. */
export async function writeHeartbeat(
  disk: Disk,
  source: Source,
  role: HeartbeatRole,
): Promise<void> {
  const path = heartbeatPath(source, role);
  const temporary = temporaryNameFor(path);
  await disk.makeDirectory(join(walqDirectory(source), 'heartbeat'));
  try {
    const file = await disk.openNew(temporary);
    await file.close();
    await disk.rename(temporary, path);
  } catch (error) {
    await discard(disk, temporary);
    throw error;
  }
}

/** Whether both a producer and a worker have a recent heartbeat. */
export async function rolesAlive(disk: Disk, source: Source): Promise<boolean> {
  const roles = ['producer', 'worker'] as const;
  const seen = await Promise.all(roles.map((role) => ageMs(disk, heartbeatPath(source, role))));
  return seen.every((age) => age < HEARTBEAT_EXPIRES_MS);
}

async function ageMs(disk: Disk, path: string): Promise<number> {
  const state = await ifPresent(disk.lstat(path));
  return state === undefined ? Infinity : Math.abs(Date.now() - Number(state.mtimeNs / 1_000_000n));
}
