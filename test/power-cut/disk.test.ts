import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryDirectory, type TemporaryDirectory } from '@walq/test-support';
import { nodeDisk } from '@walq/wal-core/internal';
import { diskConformance, type DiskTarget } from '@walq/conformance';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { Ext4, mayCutPower } from './ext4.ts';

/** Two readings of ext4's clock differ after this. */
const CLOCK_GRAIN_MS = 15;

describe.runIf(mayCutPower)('an ext4 that loses its cache (needs root, to mount it)', () => {
  let directory: TemporaryDirectory;
  let ext4: Ext4;
  let places = 0;

  beforeAll(async () => {
    directory = await temporaryDirectory('ext4');
    ext4 = await Ext4.mountedAt(directory.at('disk'));
  });
  afterAll(async () => {
    await ext4.unmount();
    await directory.remove();
  });

  async function create(): Promise<DiskTarget> {
    const root = join(ext4.path, `place-${(places += 1)}`);
    await mkdir(root);
    await nodeDisk.syncDirectory(ext4.path);
    return {
      disk: nodeDisk,
      root,
      symlink,
      tick: () => sleep(CLOCK_GRAIN_MS),
      powerCut: async () => {
        await ext4.shutDown();
        await ext4.startAgain();
        return nodeDisk;
      },
      cleanup: async () => {},
    };
  }

  diskConformance({ name: 'ext4', hasPowerCut: true, create, describe, it });
});
