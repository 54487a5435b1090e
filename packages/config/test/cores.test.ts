import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { nodeDisk } from '@walq/wal-core/internal';
import { usableCores } from '@walq/config';
import { temporaryDirectory } from '@walq/test-support';

async function coresWith(files: Record<string, string>, available = 16): Promise<number> {
  const root = await temporaryDirectory('cgroup');
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(root.at(path)), { recursive: true });
    await writeFile(root.at(path), text);
  }
  return usableCores({ disk: nodeDisk, available, root: root.path });
}

it('is the system’s number without a container limit', async () => {
  expect(await coresWith({})).toBe(16);
  expect(
    await coresWith({
      'proc/self/cgroup': '0::/\n',
      'sys/fs/cgroup/cpu.max': 'max 100000\n',
    }),
  ).toBe(16);
});

it('is limited by the narrowest group of version 2; a fraction of a core counts as one', async () => {
  const files = {
    'proc/self/cgroup': '0::/pod/box\n',
    'sys/fs/cgroup/pod/cpu.max': '250000 100000\n',
    'sys/fs/cgroup/pod/box/cpu.max': '400000 100000\n',
  };
  expect(await coresWith(files)).toBe(3);
  expect(await coresWith(files, 2)).toBe(2);
});

it('is limited by a group of version 1', async () => {
  const group = 'sys/fs/cgroup/cpu/docker/1';
  const membership = '5:memory:/docker/1\n4:cpu,cpuacct:/docker/1\n';
  const files = { 'proc/self/cgroup': membership, [`${group}/cpu.cfs_period_us`]: '100000\n' };
  expect(await coresWith({ ...files, [`${group}/cpu.cfs_quota_us`]: '50000\n' })).toBe(1);
  expect(await coresWith({ ...files, [`${group}/cpu.cfs_quota_us`]: '-1\n' })).toBe(16);
});

it('of this host is between 1 and the system’s number', async () => {
  const cores = await usableCores({ disk: nodeDisk });
  expect(cores).toBeGreaterThanOrEqual(1);
});
