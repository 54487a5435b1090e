import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { metered } from '../src/measure/process-meter.ts';

const BUSY = 'const until = Date.now() + 300; while (Date.now() < until);';

describe('what a piece of work uses', () => {
  it('contains the processes that it starts, also those that have ended', async () => {
    const { result, usage } = await metered(async () => {
      const child = spawn(process.execPath, ['-e', BUSY]);
      return (await once(child, 'exit')) as [number];
    });
    expect(result[0]).toBe(0);
    expect(usage.cpuSeconds).toBeGreaterThan(0.1);
    // Node itself.
    expect(usage.peakBytes).toBeGreaterThan(20e6);
  });

  it('leaves no timer where the work fails, which would keep the process from ending', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout');
    const before = timers().length;
    await expect(metered(() => Promise.reject(new Error('interrupted')))).rejects.toThrow(
      'interrupted',
    );
    expect(timers()).toHaveLength(before);
  });
});
