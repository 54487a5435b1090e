/**
 * What walq relies on of a filesystem, as tests that hold the simulated disk against a real one:
 *
 *     diskConformance({ name: 'ext4', create: aDirectory, describe, it });
 *
 * The chapter on power cuts says what survives one, and is left out where there is none to be had. That
 * something is lost is no promise: a real filesystem may keep more.
 */
import type { Disk } from '@walq/wal-core/internal';
import { tryPromises, type Conformance, type Promised } from '../try-promises.ts';
import { calls, handles } from './calls.ts';
import { names } from './names.ts';
import { powerCuts } from './power-cuts.ts';
import { times } from './times.ts';

export interface DiskPlace {
  readonly disk: Disk;
  /** Absolute path of an empty directory, itself durable. */
  readonly root: string;
  /** Makes a symbolic link. */
  readonly symlink: (target: string, path: string) => Promise<void>;
  /** Waits until the filesystem's clock has moved on. */
  readonly tick: () => Promise<void>;
  /** Cuts the power; the same place as found after it. */
  readonly powerCut?: () => Promise<Disk>;
  readonly cleanup: () => Promise<void>;
}

interface DiskConformance extends Conformance<DiskPlace> {
  /** Whether `create` gives places with a power cut. */
  readonly hasPowerCut: boolean;
}

export type DiskPromise = Promised<DiskPlace>;

export function diskConformance(conformance: DiskConformance): void {
  const { name, hasPowerCut } = conformance;
  const titled = (chapter: string): string => `${name} is a disk as walq knows it: ${chapter}`;
  const cuts = hasPowerCut && { 'power cuts': powerCuts };
  tryPromises(conformance, titled, { calls, names, handles, times, ...cuts });
}
