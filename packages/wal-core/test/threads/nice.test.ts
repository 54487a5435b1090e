import { readdir, readFile } from 'node:fs/promises';
import { createThreadPool } from '@walq/wal-core/internal';
import { eventually } from '@walq/test-support';
import { expect, onTestFinished, test } from 'vitest';

/** The 19th field of proc_pid_stat(5), of each thread of this process. */
async function niceValues(): Promise<number[]> {
  const threads = await readdir('/proc/self/task');
  const stats = await Promise.all(
    threads.map((thread) => readFile(`/proc/self/task/${thread}/stat`, 'latin1')),
  );
  return stats.map((stat) => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]));
}

const at = (values: readonly number[], nice: number): number =>
  values.filter((value) => value === nice).length;

test.runIf(process.platform === 'linux')(
  'the threads of a pool lower their own priority, and not that of the process',
  async () => {
    const before = await niceValues();
    for (const nice of [7, 0]) {
      const pool = createThreadPool({ parallelism: 2, nice });
      onTestFinished(() => pool.close());
    }
    expect(at(before, 7)).toBe(0);
    await eventually(async () => {
      const now = await niceValues();
      expect(at(now, 7)).toBe(2);
      expect(at(now, 0)).toBeGreaterThanOrEqual(at(before, 0) + 2);
    });
  },
);
