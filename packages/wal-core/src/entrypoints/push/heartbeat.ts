/**
 * "Somebody is here": a role that serves a PostgreSQL source says so on disk, again and again, so that an
 * `archive_command` knows without Redis whether it pays to wait for the roles. It promises nothing.
 */
import { join } from 'node:path';
import { discard, temporaryNameFor } from '../../base/disk/write-file-durably.ts';
import type { Disk } from '../../base/disk/disk.ts';
import { ifPresent } from '../../base/failure/system-error.ts';
import { walqDirectory, type Source } from '../../source/source.ts';

export type HeartbeatRole = 'producer' | 'worker';

/** How often a role that is there says so, in milliseconds. */
export const HEARTBEAT_INTERVAL_MS = 1_000;
/** Who has not said so for this long is away. */
const PRESENT_MS = 3_000;

const heartbeatPath = (source: Source, role: HeartbeatRole): string =>
  join(walqDirectory(source), 'present', role);

/** Says it now. Fails with the system's error. */
export async function writeHeartbeat(
  disk: Disk,
  source: Source,
  role: HeartbeatRole,
): Promise<void> {
  const path = heartbeatPath(source, role);
  const temporary = temporaryNameFor(path);
  await disk.makeDirectory(join(walqDirectory(source), 'present'));
  try {
    const file = await disk.openNew(temporary);
    await file.close();
    await disk.rename(temporary, path);
  } catch (error) {
    await discard(disk, temporary);
    throw error;
  }
}

/** Whether a producer and a worker are there. */
export async function rolesAlive(disk: Disk, source: Source): Promise<boolean> {
  const roles = ['producer', 'worker'] as const;
  const seen = await Promise.all(roles.map((role) => ageMs(disk, heartbeatPath(source, role))));
  return seen.every((age) => age < PRESENT_MS);
}

async function ageMs(disk: Disk, path: string): Promise<number> {
  const state = await ifPresent(disk.lstat(path));
  return state === undefined ? Infinity : Math.abs(Date.now() - Number(state.mtimeNs / 1_000_000n));
}
