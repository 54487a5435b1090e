import type { Archiver, ArchiveStore, Disk } from '@walq/wal-core/internal';
import type { SimulatedServer } from '../queue/simulated-server.ts';

/**
 * Code that acts as walq would with a bug in it, put around its parts by the simulation. Nothing of it is
 * in walq, so nothing can switch it on there.
 */
export interface Planted {
  /** Around the disk of workers. */
  readonly disk?: (disk: Disk) => Disk;
  /** Around the archive of workers. */
  readonly store?: (store: ArchiveStore) => ArchiveStore;
  /** Around the archiver of workers, with their disk. */
  readonly archiver?: (archiver: Archiver, disk: Disk) => Archiver;
  /** In the place of what producers ask of Redis. */
  readonly server?: (server: SimulatedServer) => void;
  /** Around the archive of a prune. */
  readonly pruneStore?: (store: ArchiveStore) => ArchiveStore;
  /** Around the disk of a restore. */
  readonly restoreDisk?: (disk: Disk) => Disk;
}

export const nothingPlanted: Planted = {};
