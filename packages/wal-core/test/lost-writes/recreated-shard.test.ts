import { SimulatedFilesystem, simulatedDisk } from '@walq/conformance';
import { openStore, publishOne, type ArchiveStore, type Disk } from '@walq/wal-core/internal';
import { expect, test } from 'vitest';
import { keyOf } from '../store/objects.ts';
import { putDurably } from './small-files.ts';

const SHARD = '/srv/archive/orders/00000000';

async function stage(store: ArchiveStore, disk: Disk, number: number) {
  const staging = await store.stage(keyOf(number));
  await putDurably(disk, staging.path, `segment ${number}`);
  return staging;
}

test('a shard that another thread has created in place of a removed one survives a power cut', async () => {
  const filesystem = new SimulatedFilesystem();
  const disk = simulatedDisk({ mounts: { '/': filesystem } });
  await disk.makeDirectory('/srv/archive');
  await disk.syncDirectory('/');
  const store = openStore('/srv/archive', { disk });
  const other = openStore('/srv/archive', { disk });
  await publishOne(store, await stage(store, disk, 7));
  await disk.rename(SHARD, '/srv/removed');
  await other.stage(keyOf(8));
  await publishOne(store, await stage(store, disk, 9));
  const after = simulatedDisk({ mounts: { '/': filesystem.crash() } });
  expect(await openStore('/srv/archive', { disk: after }).stat(keyOf(9))).toBeDefined();
});
