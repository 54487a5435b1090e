import type { DiskSpace } from '../../base/disk/disk-space.ts';
import { storeFailure } from '../../base/failure/system-error.ts';
import type { Place } from './place.ts';

export async function space({ disk, root }: Place): Promise<DiskSpace> {
  return disk.space(root).catch((error: unknown) => {
    throw storeFailure(`ask for the room at '${root}'`, error);
  });
}
