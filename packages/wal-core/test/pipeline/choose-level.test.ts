import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AUTO_LEVELS, chooseLevel, type LevelMeasurement } from '@walq/wal-core/internal';

const SLICES = 8;

/** Of `[bytes, milliseconds a slice]` for the levels from 1 on. */
const measurementsOf = (...levels: readonly (readonly [number, number])[]): LevelMeasurement[] =>
  levels.map(([bytes, ms], index) => ({
    level: index + 1,
    bytes,
    sliceMs: Array.from({ length: SLICES }, () => ms),
  }));

const measured = fc
  .array(
    fc.tuple(fc.integer({ min: 900, max: 1_100 }), fc.double({ min: 0.1, max: 10, noNaN: true })),
    { minLength: AUTO_LEVELS.length, maxLength: AUTO_LEVELS.length },
  )
  .map((levels) => measurementsOf(...levels));

const inUse = fc.option(fc.constantFrom(...AUTO_LEVELS), { nil: undefined });

const lossOf = (measurements: readonly LevelMeasurement[], level: number): number => {
  const least = Math.min(...measurements.map(({ bytes }) => bytes));
  return (
    1 -
    least / (measurements.find((measurement) => measurement.level === level)?.bytes ?? Number.NaN)
  );
};

describe('the level chosen', () => {
  it('is the fastest within 1% of the best ratio', () => {
    expect(chooseLevel(measurementsOf([1_009, 1], [1_020, 1.1], [1_005, 2], [1_000, 3]))).toBe(1);
    expect(chooseLevel(measurementsOf([1_012, 1], [1_009, 1.1], [1_005, 2], [1_000, 3]))).toBe(2);
    expect(chooseLevel(measurementsOf([1_300, 1], [1_200, 1.1], [1_100, 2], [1_000, 3]))).toBe(4);
  });

  it('is 1 for incompressible data, even if higher levels are not slower', () => {
    expect(chooseLevel(measurementsOf([1_000, 1], [1_000, 1], [1_000, 0.95], [1_000, 1]))).toBe(1);
  });

  it('is a higher one where that is clearly faster', () => {
    expect(chooseLevel(measurementsOf([1_000, 2], [1_000, 1], [1_000, 3]))).toBe(2);
  });

  it('loses at most 1% of the best ratio, whatever the current level and the others’ speed', () => {
    fc.assert(
      fc.property(measured, inUse, (measurements, before) => {
        expect(lossOf(measurements, chooseLevel(measurements, before))).toBeLessThanOrEqual(0.01);
      }),
    );
  });

  it('is chosen again from the same measurements', () => {
    fc.assert(
      fc.property(measured, inUse, (measurements, before) => {
        const chosen = chooseLevel(measurements, before);
        expect(chooseLevel(measurements, chosen)).toBe(chosen);
      }),
    );
  });

  it('does not depend on the order of the measurements', () => {
    fc.assert(
      fc.property(measured, inUse, (measurements, before) => {
        expect(chooseLevel(measurements.toReversed(), before)).toBe(
          chooseLevel(measurements, before),
        );
      }),
    );
  });

  it.each([
    [1, measurementsOf([1_004, 1], [1_003, 1.3], [1_002, 2], [1_001, 3], [1_000, 8])],
    [2, measurementsOf([1_000, 2], [1_000, 1], [1_000, 4])],
  ])('is %i whatever is interrupted in less than half of the slices', (chosen, measurements) => {
    const delays = fc.array(fc.double({ min: 1, max: 1_000, noNaN: true }), {
      maxLength: SLICES / 2 - 1,
    });
    fc.assert(
      fc.property(fc.constantFrom(...measurements), delays, (interrupted, delayMs) => {
        const disturbed = measurements.map((measurement) => {
          if (measurement !== interrupted) return measurement;
          const sliceMs = measurement.sliceMs.map((ms, slice) => ms + (delayMs[slice] ?? 0));
          return { ...measurement, sliceMs };
        });
        expect(chooseLevel(disturbed)).toBe(chosen);
      }),
    );
  });
});

describe('the level in use', () => {
  it('stays while it qualifies and the others barely do', () => {
    const atTheEdge = measurementsOf([1_009, 1], [1_020, 1.1], [1_000, 2]);
    expect(chooseLevel(atTheEdge, 3)).toBe(3);
    expect(chooseLevel(atTheEdge, 1)).toBe(1);
  });

  it('changes when it no longer qualifies', () => {
    expect(chooseLevel(measurementsOf([1_011, 1], [1_020, 1.1], [1_000, 2]), 1)).toBe(3);
  });

  it('changes when a lower one clearly qualifies', () => {
    expect(chooseLevel(measurementsOf([1_005, 1], [1_020, 1.1], [1_000, 2]), 3)).toBe(1);
  });

  it('changes when it is no longer among the measured ones', () => {
    expect(chooseLevel(measurementsOf([1_009, 1], [1_020, 1.1], [1_000, 2]), 9)).toBe(1);
  });

  it('stays where it is higher and still slightly faster', () => {
    expect(chooseLevel(measurementsOf([1_000, 1], [1_000, 0.95]), 2)).toBe(2);
    expect(chooseLevel(measurementsOf([1_000, 1], [1_000, 1.05]), 2)).toBe(1);
  });
});
