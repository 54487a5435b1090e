import { expect, it } from 'vitest';
import { bytes, counts, spans } from '../page/src/parts/axis.ts';

const labels = (scale: typeof spans, step: number, number: number): string[] =>
  Array.from({ length: number }, (_, index) => scale.label(index * step, step));

it('labels equal steps of an age as equal steps, whatever the unit', () => {
  expect(labels(spans, 30_000, 5)).toEqual(['0 s', '30 s', '60 s', '90 s', '120 s']);
  expect(labels(spans, 30 * 60_000, 4)).toEqual(['0 min', '30 min', '60 min', '90 min']);
  expect(labels(spans, 12 * 3_600_000, 4)).toEqual(['0 h', '12 h', '24 h', '36 h']);
});

it('takes only steps that its labels can tell apart, and whole segments', () => {
  expect(counts.steps.every((step) => Number.isInteger(step))).toBe(true);
  for (const { steps, label } of [bytes, counts, spans]) {
    for (const step of steps) {
      const some = Array.from({ length: 8 }, (_, index) => label(index * step, step));
      expect(new Set(some).size).toBe(8);
    }
  }
});
