import { evaluateDictionaries, SAVED_SHARE_MIN } from '@walq/wal-core/internal';
import { describe, expect, it } from 'vitest';

/** Ten segments were measured; without a dictionary an object takes 1,000 bytes. */
const evaluate = (
  measurements: readonly { dictionaryBytes: number; objectBytes: number }[],
  segments: number,
) =>
  evaluateDictionaries({
    none: { dictionaryBytes: 0, objectBytes: 10_000 },
    measurements,
    measuredSegments: 10,
    segments,
  });

describe('a dictionary', () => {
  const measurement = { dictionaryBytes: 30_000, objectBytes: 7_000 };

  it('counts as stored bytes, over the segments that it is used for', () => {
    const { evaluated, best } = evaluate([measurement], 1_000);
    expect(evaluated).toEqual([
      {
        measurement,
        archiveBytes: 730_000,
        savedShare: expect.closeTo(0.27),
        breakEvenSegments: 100,
      },
    ]);
    expect(best?.measurement).toBe(measurement);
  });

  it('is not worth it for too few segments', () => {
    expect(evaluate([measurement], 100).best).toBeUndefined();
    expect(evaluate([measurement], 100).evaluated[0]?.savedShare).toBeCloseTo(0);
    expect(evaluate([measurement], 10).evaluated[0]?.savedShare).toBeCloseTo(-2.7);
  });

  it('is worth it from the minimum share on, and not below', () => {
    const saving = (share: number) =>
      evaluate([{ dictionaryBytes: 0, objectBytes: 10_000 * (1 - share) }], 10).best;
    expect(saving(SAVED_SHARE_MIN + 1e-6)).toBeDefined();
    expect(saving(SAVED_SHARE_MIN - 1e-6)).toBeUndefined();
  });

  it('that does not make objects smaller is never worth it', () => {
    const { evaluated, best } = evaluate([{ dictionaryBytes: 1, objectBytes: 10_000 }], 1_000_000);
    expect(evaluated[0]?.breakEvenSegments).toBeNull();
    expect(best).toBeUndefined();
  });

  it('is the one with the smallest archive: the large one only for enough segments', () => {
    const small = { dictionaryBytes: 8_000, objectBytes: 8_000 };
    expect(evaluate([measurement, small], 150).best?.measurement).toBe(small);
    expect(evaluate([measurement, small], 10_000).best?.measurement).toBe(measurement);
  });

  it('stays the current one where no other is better', () => {
    const inUse = { dictionaryBytes: 0, objectBytes: 7_000 };
    expect(evaluate([inUse, { ...inUse }, measurement], 10_000).best?.measurement).toBe(inUse);
  });
});
