/** How many cores this process may use: the available ones, within the CPU limit of its container. */
import { availableParallelism } from 'node:os';
import { join, posix } from 'node:path';
import { readLinkedFile, type Disk } from '@walq/wal-core/light';

export interface CoresRequest {
  readonly disk: Disk;
  /** @default the number that the system reports */
  readonly available?: number;
  /** The directory with `proc` and `sys`. @default `/` */
  readonly root?: string;
}

/** At least 1. A fraction of a core counts as a whole one, because otherwise it would stay idle. */
export async function usableCores(request: CoresRequest): Promise<number> {
  const { disk, available = availableParallelism(), root = '/' } = request;
  const limits = await cgroupLimits(disk, root);
  return Math.max(1, Math.ceil(Math.min(available, ...limits)));
}

async function cgroupLimits(disk: Disk, root: string): Promise<number[]> {
  const membership = await readOptional(disk, join(root, 'proc/self/cgroup'));
  const limits: number[] = [];
  for (const line of membership?.split('\n') ?? []) {
    const [, controllers = '', path = ''] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    const read = limitReaderOf(controllers);
    if (read === undefined || path === '') continue;
    for (const group of upwards(path)) limits.push(...(await read(disk, root, group)));
  }
  return limits;
}

type LimitReader = (disk: Disk, root: string, group: string) => Promise<number[]>;

function limitReaderOf(controllers: string): LimitReader | undefined {
  if (controllers === '') return limitOfVersion2;
  return controllers.split(',').includes('cpu') ? limitOfVersion1 : undefined;
}

/** A group and its parents: the lowest of their limits applies. */
function upwards(group: string): string[] {
  const parent = posix.dirname(group);
  return parent === group ? [group] : [group, ...upwards(parent)];
}

const limitOfVersion2: LimitReader = async (disk, root, group) => {
  const text = await readOptional(disk, join(root, 'sys/fs/cgroup', group, 'cpu.max'));
  const [quota, period] = text?.trim().split(/\s+/) ?? [];
  return coresOf(quota, period);
};

const limitOfVersion1: LimitReader = async (disk, root, group) => {
  const folder = join(root, 'sys/fs/cgroup/cpu', group);
  const quota = await readOptional(disk, join(folder, 'cpu.cfs_quota_us'));
  const period = await readOptional(disk, join(folder, 'cpu.cfs_period_us'));
  return coresOf(quota, period);
};

/** `max` and -1 mean no limit. */
function coresOf(quota: string | undefined, period: string | undefined): number[] {
  const cores = Number(quota) / Number(period);
  return cores > 0 && Number.isFinite(cores) ? [cores] : [];
}

/** A limit that cannot be read is ignored. */
const readOptional = (disk: Disk, path: string): Promise<string | undefined> =>
  readLinkedFile(disk, path).catch(() => undefined);
