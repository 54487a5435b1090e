import type { DiskSpace } from '../../disk/index.ts';
import { storeFailure } from '../../failure/index.ts';
import type { Place } from './place.ts';

export async function space({ disk, root }: Place): Promise<DiskSpace> {
  return disk.space(root).catch((error: unknown) => {
    throw storeFailure(`ask for the room at '${root}'`, error);
  });
}
