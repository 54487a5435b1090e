import { symlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryDirectory } from '@walq/test-support';
import { nodeDisk, type Disk, blockingDisk } from '@walq/wal-core/internal';
import {
  diskConformance,
  simulatedDisk,
  SimulatedFilesystem,
  type DiskTarget,
  type Survives,
} from '@walq/conformance';
import { describe, it } from 'vitest';

/** Two reads of the kernel's coarsest clock differ after this time. */
const CLOCK_GRAIN_MS = 15;

async function realPlace(disk: Disk): Promise<DiskTarget> {
  const { path } = await temporaryDirectory('disk');
  return { disk, root: path, symlink, tick: () => sleep(CLOCK_GRAIN_MS), cleanup: async () => {} };
}

async function simulatedPlace(survives: Survives): Promise<DiskTarget> {
  const filesystem = new SimulatedFilesystem();
  const disk = simulatedDisk({ mounts: { '/': filesystem } });
  await disk.makeDirectory('/place');
  await disk.syncDirectory('/');
  return {
    disk,
    root: '/place',
    symlink: async (target, path) => disk.symlink(target, path),
    tick: async () => {},
    powerCut: async () => simulatedDisk({ mounts: { '/': filesystem.crash(survives) } }),
    cleanup: async () => {},
  };
}

const suites: readonly [name: string, hasPowerCut: boolean, create: () => Promise<DiskTarget>][] = [
  ['the filesystem, asynchronous', false, () => realPlace(nodeDisk)],
  ['the filesystem, blocking', false, () => realPlace(blockingDisk)],
  ['the simulated disk, which drops all it may', true, () => simulatedPlace(() => false)],
  ['the simulated disk, which keeps all it may', true, () => simulatedPlace(() => true)],
  ['the simulated disk, which keeps some', true, () => simulatedPlace(someSurvive())],
];

for (const [name, hasPowerCut, create] of suites) {
  diskConformance({ name, hasPowerCut, create, describe, it });
}

function someSurvive(): Survives {
  let asked = 0;
  return () => (asked += 1) % 2 === 0;
}
