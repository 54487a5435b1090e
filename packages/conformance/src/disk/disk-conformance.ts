/**
 * What walq requires of a filesystem, as tests that compare the simulated disk with a real one:
 *
 * diskConformance({ name: 'ext4', create: createFixture, describe, it });
 *
 * The chapter on power cuts tests what survives one, and is left out where none can be made. Nothing promises that
 * something
 * is lost: a real filesystem may keep more.
 */
import type { Disk } from '@walq/wal-core/internal';
import { tryPromises, type Conformance, type Promised } from '../try-promises.ts';
import { calls, handles } from './calls.ts';
import { names } from './names.ts';
import { powerCuts } from './power-cuts.ts';
import { times } from './times.ts';

export interface DiskTarget {
  readonly disk: Disk;
  /** Absolute path of an empty directory, itself durable. */
  readonly root: string;
  /** Makes a symbolic link. */
  readonly symlink: (target: string, path: string) => Promise<void>;
  /** Waits until the filesystem's clock has advanced. */
  readonly tick: () => Promise<void>;
  /** Cuts the power; resolves with the same disk after it. */
  readonly powerCut?: () => Promise<Disk>;
  readonly cleanup: () => Promise<void>;
}

interface DiskConformance extends Conformance<DiskTarget> {
  /** Whether `create` provides fixtures with a power cut. */
  readonly hasPowerCut: boolean;
}

export type DiskPromise = Promised<DiskTarget>;

export function diskConformance(conformance: DiskConformance): void {
  const { name, hasPowerCut } = conformance;
  const titled = (chapter: string): string => `${name} meets the disk contract: ${chapter}`;
  const cuts = hasPowerCut && { 'power cuts': powerCuts };
  tryPromises(conformance, titled, { calls, names, handles, times, ...cuts });
}
