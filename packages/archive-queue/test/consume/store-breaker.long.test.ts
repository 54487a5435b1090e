import { eventually, startRedis } from '@walq/test-support';
import { describe, expect, it } from 'vitest';
import type { ArchiveStore } from '@walq/wal-core/internal';
import { openTestSource, segmentName, type TestSource } from '../support/test-source.ts';
import { failure, TestArchiver } from '../support/test-archiver.ts';
import { consume, produceUpTo } from './consuming.ts';

/** A store that can be made to fail its probe, as a full or unmounted archive does. */
function failable(place: TestSource): {
  place: TestSource;
  store: { fails: boolean; probes: number };
} {
  const store = { fails: false, probes: 0 };
  const probe = async (): Promise<void> => {
    store.probes += 1;
    if (store.fails) throw failure('store-unavailable');
    await place.store.probe();
  };
  const failing: ArchiveStore = { ...place.store, probe };
  return { place: { ...place, store: failing }, store };
}

describe('an archive that fails', () => {
  it('stops all its sources with one log line, is probed, and resumes with one log line', async () => {
    const redis = await startRedis();
    const { place, store } = failable(await openTestSource());
    const work = async () => {
      if (store.fails) throw failure('store-unavailable');
    };
    const archiver = new TestArchiver({ work, parallelism: 4 });
    store.fails = true;
    const { consumer, log, segmentsOf } = await consume(place, redis.url, archiver);
    await produceUpTo(place, redis.url, 100);
    await eventually(() => expect(consumer.state().sources['orders']?.store).toBe('open'));
    await eventually(() => expect(store.probes).toBeGreaterThan(2));
    expect(archiver.began.length).toBeLessThan(10);
    expect(segmentsOf('retried')).toHaveLength(1);

    store.fails = false;

    await eventually(async () => expect(await place.segments()).toEqual([segmentName(101)]));
    expect(consumer.state().sources['orders']?.store).toBe('closed');
    const logged = log.lines.map(({ msg }) => msg).filter((msg) => msg.includes('available'));
    expect(logged).toEqual([
      expect.stringContaining('is not available'),
      expect.stringContaining('is available again'),
    ]);
  });

  it('stays one outage while its probe succeeds and the jobs fail', async () => {
    const redis = await startRedis();
    const { place, store } = failable(await openTestSource());
    const archiver = new TestArchiver({
      work: async () => {
        throw failure('store-full');
      },
    });
    const { log } = await consume(place, redis.url, archiver);
    await produceUpTo(place, redis.url, 100);
    await eventually(() => expect(store.probes).toBeGreaterThan(3));
    expect(log.warnings()).toHaveLength(1);
    expect(archiver.began.length).toBeLessThan(3 * (store.probes + 1));
  });
});
