import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@walq/test-support';
import {
  archiveKeyOf,
  archiveSettings,
  createThreadPool,
  newByteLimit,
  nodeDisk,
  openStores,
  takeBytes,
  type RateClock,
} from '@walq/wal-core/internal';
import { describe, expect, it, onTestFinished } from 'vitest';

const RATE = 1_000_000;

/** A clock that advances only while a caller sleeps. */
class TestClock implements RateClock {
  ms = 1000;

  now(): bigint {
    return BigInt(Math.round(this.ms * 1e6));
  }

  async sleep(ms: number): Promise<void> {
    this.ms += ms;
  }
}

const throwIfStopped = (): void => undefined;
const never = new AbortController().signal;

const taskOf = (directory: string, segment: string) =>
  ({
    sourcePath: join(directory, segment),
    stagingPath: join(directory, `${segment}.zst`),
    format: 'raw',
    level: 3,
    proof: 'inline',
    manifest: {
      version: 1,
      source: 'orders',
      sourceId: '6f1c3c7e-3f0e-4f3a-9f0e-2b6d9f3a1c55',
      segment,
      startedAt: new Date(0).toISOString(),
      worker: 'test:1',
    },
  }) as const;

describe('a limit in bytes per second', () => {
  it('allows a short burst, and then the configured rate', async () => {
    const clock = new TestClock();
    const limit = newByteLimit(RATE);
    await takeBytes(limit, RATE / 20, throwIfStopped, clock);
    await takeBytes(limit, RATE / 20, throwIfStopped, clock);
    expect(clock.ms).toBe(1000);
    for (let second = 0; second < 10; second += 1)
      await takeBytes(limit, RATE, throwIfStopped, clock);
    await takeBytes(limit, 1, throwIfStopped, clock);
    expect(clock.ms).toBe(11_000);
  });

  it('does not accumulate an allowance while it is idle', async () => {
    const clock = new TestClock();
    const limit = newByteLimit(RATE);
    clock.ms += 3_600_000;
    const before = clock.ms;
    for (let second = 0; second < 5; second += 1)
      await takeBytes(limit, RATE, throwIfStopped, clock);
    await takeBytes(limit, 1, throwIfStopped, clock);
    expect(clock.ms - before).toBe(4900);
  });

  it('checks for cancellation while it waits, and ends with that failure', async () => {
    const clock = new TestClock();
    const limit = newByteLimit(RATE);
    await takeBytes(limit, 3600 * RATE, throwIfStopped, clock);
    const stop = () => {
      if (clock.ms > 5000) throw new Error('cancelled by the caller');
    };
    await expect(takeBytes(limit, 1, stop, clock)).rejects.toThrow('cancelled by the caller');
    expect(clock.ms).toBeLessThan(6000);
  });

  it('is shared by all callers', async () => {
    const clock = new TestClock();
    const limit = newByteLimit(RATE);
    const takers = Array.from({ length: 8 }, () => takeBytes(limit, RATE, throwIfStopped, clock));
    await Promise.all(takers);
    await takeBytes(limit, 1, throwIfStopped, clock);
    expect(clock.ms).toBeGreaterThanOrEqual(8900);
  });

  it('is shared by all threads', async () => {
    const directory = await temporaryDirectory();
    const threads = createThreadPool({ parallelism: 2 });
    onTestFinished(() => threads.close());
    const limit = newByteLimit(RATE);
    const from = process.hrtime.bigint() + 200_000_000n;
    Atomics.store(limit.reservedUntil, 0, from);
    const compressed = await Promise.all(
      ['a', 'b'].map(async (name) => {
        await writeFile(directory.at(name), name.repeat(1000));
        return threads.compress({ ...taskOf(directory.path, name), limit }, never);
      }),
    );
    const bytes = compressed.reduce((sum, { objectBytes }) => sum + objectBytes, 0);
    const given = Number(Atomics.load(limit.reservedUntil, 0) - from);
    expect(bytes).toBeGreaterThan(400);
    expect(given).toBeGreaterThanOrEqual((bytes / RATE) * 1e9);
  });

  it('is shared by all archives of a process', async () => {
    const directory = await temporaryDirectory();
    const archiveSettingsGiven = archiveSettings({
      maxBytesPerSecond: RATE,
      s3: { stagingDirectory: directory.path },
    });
    const sources = ['a', 'b'].map((name) => ({
      name,
      archiveUrl: `file://${directory.at(name)}`,
      archiveSettings: archiveSettingsGiven,
    }));
    const storeOf = openStores(sources, nodeDisk);
    const limits = await Promise.all(
      sources.map(async (source) => {
        const store = storeOf(source);
        await store.prepare();
        return (await store.stage(archiveKeyOf(source.name, { name: '1', number: 1n }))).limit;
      }),
    );
    expect(limits[0]?.bytesPerSecond).toBe(RATE);
    expect(limits[1]).toBe(limits[0]);
  });
});
