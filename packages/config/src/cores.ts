/** How many cores this process may use: those it may run on, within the limit of its container. */
import { availableParallelism } from 'node:os';
import { join, posix } from 'node:path';
import { readLinkedFile, type Disk } from '@walq/wal-core/internal';

export interface CoresRequest {
  readonly disk: Disk;
  /** Default: what the system says. */
  readonly available?: number;
  /** Where /proc and /sys are found; default `/`. */
  readonly root?: string;
}

/** At least 1. Part of a core counts as a whole one: a thread too few would leave it idle. */
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

/** A group and all that it is in: the narrowest of their limits holds. */
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

/** A limit that cannot be read is no limit: walq then starts with the cores there are. */
const readOptional = (disk: Disk, path: string): Promise<string | undefined> =>
  readLinkedFile(disk, path).catch(() => undefined);
