import { expect, it } from 'vitest';
import {
  axisValues,
  byteRates,
  bytes,
  counts,
  spans,
  type AxisScale,
} from '../page/src/parts/axis.ts';

const labels = ({ labelFor }: AxisScale, step: number, number: number): string[] =>
  Array.from({ length: number }, (_, index) => index * step).map(
    labelFor(step, (number - 1) * step),
  );

it('labels equal steps of an age as equal steps, whatever the unit', () => {
  expect(labels(spans, 30_000, 5)).toEqual(['0 s', '30 s', '60 s', '90 s', '120 s']);
  expect(labels(spans, 30 * 60_000, 4)).toEqual(['0 min', '30 min', '60 min', '90 min']);
  expect(labels(spans, 12 * 3_600_000, 4)).toEqual(['0 h', '12 h', '24 h', '36 h']);
});

it('labels the bytes of an axis in one unit with equal decimals', () => {
  expect(labels(bytes, 500_000, 4)).toEqual(['0.0 MB', '0.5 MB', '1.0 MB', '1.5 MB']);
  expect(labels(bytes, 20_000, 3)).toEqual(['0 kB', '20 kB', '40 kB']);
  expect(labels(byteRates, 200, 3)).toEqual(['0 B/s', '200 B/s', '400 B/s']);
});

it('uses only steps that its labels can distinguish, and whole segments', () => {
  expect(counts.steps.every((step) => Number.isInteger(step))).toBe(true);
  for (const scale of [bytes, counts, spans]) {
    for (const step of scale.steps) expect(new Set(labels(scale, step, 8)).size).toBe(8);
  }
});

it('labels an axis at equal round steps up to its end', () => {
  expect(axisValues(counts, 0)).toEqual([0, 1]);
  expect(axisValues(counts, 31)).toEqual([0, 10, 20, 30, 40]);
  expect(axisValues(bytes, 77_200_000_000).at(-1)).toBe(80_000_000_000);
  expect(axisValues(spans, 95_000)).toEqual([0, 30_000, 60_000, 90_000, 120_000]);
});
