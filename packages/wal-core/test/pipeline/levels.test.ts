import { setImmediate as soon } from 'node:timers/promises';
import {
  createLevels,
  WalqError,
  type FailureCode,
  type LevelEvent,
  type LevelMeasurements,
  createInlineThreads,
} from '@walq/wal-core/internal';
import { describe, expect, it } from 'vitest';

const MINUTE_MS = 60_000;
const SAMPLE_BYTES = 1_000_000;
/** A window in which the ratio is watched. */
const WINDOW_BYTES = 128 * SAMPLE_BYTES;

const never = new AbortController().signal;
const segment = { source: { name: 'orders' }, path: '/wal/1' };
const other = { ...segment, source: { name: 'ledger' } };

/** What measuring finds where this level is the fastest that is fit. */
const favouring = (level: number): LevelMeasurements => ({
  sampleBytes: SAMPLE_BYTES,
  measurements: [1, 2, 3, 4, 5, 6].map((one) => ({
    level: one,
    bytes: one < level ? 2_000 : 1_000,
    sliceMs: [one],
  })),
});

/** A measuring that ends when the test says so. */
function pendingMeasurements() {
  let resolve: (found: LevelMeasurements) => void = () => undefined;
  const promise = new Promise<LevelMeasurements>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve: (found: LevelMeasurements) => resolve(found) };
}

const tooShort: LevelMeasurements = { sampleBytes: 0, measurements: [] };
const failing = (code: FailureCode) => new WalqError(code, { message: 'it was not to be' });

/** Levels whose measuring and whose clock are a test's. */
function measuring(...finds: (LevelMeasurements | WalqError | Promise<LevelMeasurements>)[]) {
  const events: LevelEvent[] = [];
  const state = { nowMs: 0, measurements: 0 };
  const levels = createLevels({
    level: 'auto',
    threads: {
      ...createInlineThreads(),
      measureLevels: async () => {
        const found = finds[Math.min(state.measurements, finds.length - 1)];
        state.measurements += 1;
        if (found instanceof WalqError) throw found;
        return found ?? tooShort;
      },
    },
    onLevel: (event) => events.push(event),
    now: () => state.nowMs,
  });
  const note = (level: number, ratio: number, windows = 1) => {
    const bytes = windows * WINDOW_BYTES;
    levels.note(segment.source, level, { bytes, objectBytes: bytes / ratio });
  };
  return { events, state, note, levels, next: () => levels.levelOf(segment, never) };
}

it('a configured level is used unchanged', async () => {
  const levels = createLevels({ level: 7, threads: createInlineThreads() });
  expect(await levels.levelOf(segment, never)).toBe(7);
});

describe('measuring', () => {
  it('happens once for the segments of a source, and is reported', async () => {
    const { next, state, events } = measuring(favouring(2));
    expect([await next(), await next(), await next()]).toEqual([2, 2, 2]);
    expect(state.measurements).toBe(1);
    expect(events).toEqual([{ kind: 'level-chosen', source: 'orders', level: 2, before: null }]);
  });

  it('happens for each source separately', async () => {
    const { levels } = measuring(favouring(2), favouring(5));
    expect(await levels.levelOf(segment, never)).toBe(2);
    expect(await levels.levelOf(other, never)).toBe(5);
    expect(await levels.levelOf(segment, never)).toBe(2);
  });

  it('delays every segment until the first level is known', async () => {
    const { promise, resolve } = pendingMeasurements();
    const { next, state } = measuring(promise);
    const twins = [next(), next(), next()];
    await soon();
    resolve(favouring(4));
    expect(await Promise.all(twins)).toEqual([4, 4, 4]);
    expect(state.measurements).toBe(1);
  });

  it('delays only one segment when it is repeated', async () => {
    const { promise, resolve } = pendingMeasurements();
    const { next, state } = measuring(favouring(4), promise);
    await next();
    state.nowMs = 10 * MINUTE_MS;
    const again = next();
    expect(await next()).toBe(4);
    resolve(favouring(1));
    expect(await again).toBe(1);
    expect(state.measurements).toBe(2);
  });

  it('is repeated after ten minutes, and reported where it chose another level', async () => {
    const { next, state, events } = measuring(favouring(2), favouring(2), favouring(1));
    for (const minutes of [0, 9, 10, 19, 20]) {
      state.nowMs = minutes * MINUTE_MS;
      await next();
    }
    expect(state.measurements).toBe(3);
    expect(events.slice(1)).toEqual([
      { kind: 'level-chosen', source: 'orders', level: 1, before: 2 },
    ]);
  });

  it('is repeated when segments compress differently than before', async () => {
    const { next, note, state } = measuring(favouring(2), favouring(1));
    await next();
    note(2, 4);
    note(2, 4.5);
    note(2, 1.1, 0.9);
    expect(await next()).toBe(2);
    note(2, 1.1, 0.1);
    expect(await next()).toBe(1);
    note(1, 1.1);
    note(1, 1.0);
    expect(await next()).toBe(1);
    expect(state.measurements).toBe(2);
  });

  it('is not repeated for segments that started with the previous level', async () => {
    const { next, note, state } = measuring(favouring(2));
    await next();
    note(2, 4);
    note(3, 1, 10);
    await next();
    expect(state.measurements).toBe(1);
  });
});

describe('a segment that is too short', () => {
  it('gets the default level, and the first longer one is measured', async () => {
    const { next, levels, state, events } = measuring(tooShort, favouring(1));
    expect(await next()).toBe(3);
    levels.note(segment.source, 3, { bytes: 300, objectBytes: 100 });
    expect(await next()).toBe(3);
    expect(state.measurements).toBe(1);
    levels.note(segment.source, 3, { bytes: 16 * 1024, objectBytes: 100 });
    expect(await next()).toBe(1);
    expect(events).toHaveLength(1);
  });

  it('does not change the chosen level', async () => {
    const { next, state } = measuring(favouring(1), tooShort);
    await next();
    state.nowMs = 10 * MINUTE_MS;
    expect(await next()).toBe(1);
  });
});

describe('measuring that fails', () => {
  it('keeps the default level, is reported once, and is retried later', async () => {
    const failure = failing('thread-died');
    const { next, state, events } = measuring(failure, failure, favouring(1), failure);
    expect([await next(), await next()]).toEqual([3, 3]);
    expect(state.measurements).toBe(1);
    state.nowMs = 10 * MINUTE_MS;
    expect(await next()).toBe(3);
    const expected = { kind: 'level-not-measured', source: 'orders', level: 3, failure };
    expect(events).toEqual([expected]);
    state.nowMs = 20 * MINUTE_MS;
    expect(await next()).toBe(1);
    state.nowMs = 30 * MINUTE_MS;
    expect(await next()).toBe(1);
    expect(events.at(-1)).toEqual({ ...expected, level: 1 });
  });

  it.each(['cancelled', 'source-missing'] as const)(
    'because of the segment (%s) is not reported, and the next one is measured',
    async (code) => {
      const { next, state, events } = measuring(failing(code), favouring(1));
      expect(await next()).toBe(3);
      expect(await next()).toBe(1);
      expect(state.measurements).toBe(2);
      expect(events).toMatchObject([{ kind: 'level-chosen' }]);
    },
  );
});
