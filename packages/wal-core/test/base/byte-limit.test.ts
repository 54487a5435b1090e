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

/** A clock that only goes on while somebody sleeps by it. */
class TestPace implements RateClock {
  ms = 1000;

  now(): bigint {
    return BigInt(Math.round(this.ms * 1e6));
  }

  async sleep(ms: number): Promise<void> {
    this.ms += ms;
  }
}

const goOn = (): void => undefined;
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

describe('a limit of bytes a second', () => {
  it('lets a little pass at once, and the rest as it has been told', async () => {
    const pace = new TestPace();
    const limit = newByteLimit(RATE);
    await takeBytes(limit, RATE / 20, goOn, pace);
    await takeBytes(limit, RATE / 20, goOn, pace);
    expect(pace.ms).toBe(1000);
    for (let second = 0; second < 10; second += 1) await takeBytes(limit, RATE, goOn, pace);
    await takeBytes(limit, 1, goOn, pace);
    expect(pace.ms).toBe(11_000);
  });

  it('saves nothing up while nobody writes', async () => {
    const pace = new TestPace();
    const limit = newByteLimit(RATE);
    pace.ms += 3_600_000;
    const before = pace.ms;
    for (let second = 0; second < 5; second += 1) await takeBytes(limit, RATE, goOn, pace);
    await takeBytes(limit, 1, goOn, pace);
    expect(pace.ms - before).toBe(4900);
  });

  it('asks while it waits whether to go on, and ends with the answer', async () => {
    const pace = new TestPace();
    const limit = newByteLimit(RATE);
    await takeBytes(limit, 3600 * RATE, goOn, pace);
    const stop = () => {
      if (pace.ms > 5000) throw new Error('no longer wanted');
    };
    await expect(takeBytes(limit, 1, stop, pace)).rejects.toThrow('no longer wanted');
    expect(pace.ms).toBeLessThan(6000);
  });

  it('is one for all takers', async () => {
    const pace = new TestPace();
    const limit = newByteLimit(RATE);
    const takers = Array.from({ length: 8 }, () => takeBytes(limit, RATE, goOn, pace));
    await Promise.all(takers);
    await takeBytes(limit, 1, goOn, pace);
    expect(pace.ms).toBeGreaterThanOrEqual(8900);
  });

  it('is one for all threads', async () => {
    const directory = await temporaryDirectory();
    const threads = createThreadPool({ parallelism: 2 });
    onTestFinished(() => threads.close());
    const limit = newByteLimit(RATE);
    const from = process.hrtime.bigint() + 200_000_000n;
    Atomics.store(limit.reservedUntil, 0, from);
    const compressed = await Promise.all(
      ['a', 'b'].map(async (name) => {
        await writeFile(directory.at(name), name.repeat(1000));
        await writeFile(directory.at(`${name}.zst`), '');
        return threads.compress({ ...taskOf(directory.path, name), limit }, never);
      }),
    );
    const bytes = compressed.reduce((sum, { objectBytes }) => sum + objectBytes, 0);
    const given = Number(Atomics.load(limit.reservedUntil, 0) - from);
    expect(bytes).toBeGreaterThan(400);
    expect(given).toBeGreaterThanOrEqual((bytes / RATE) * 1e9);
  });

  it('is one for all archives of a process', async () => {
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
