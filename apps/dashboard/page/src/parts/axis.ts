/** Steps of an axis that are equal in their labels too: round in the unit that the labels are in. */
import { showBytes, showNumber } from '../format.ts';

export interface AxisScale {
  /** Steps that may be taken, the smallest first. */
  readonly steps: readonly number[];
  readonly label: (value: number, step: number) => string;
}

const decades = (from: number, until: number): number[] =>
  Array.from({ length: until - from + 1 }, (_, index) => 10 ** (from + index)).flatMap((ten) => [
    ten,
    2 * ten,
    5 * ten,
  ]);

export const counts: AxisScale = { steps: decades(0, 12), label: showNumber };

export const bytes: AxisScale = { steps: decades(0, 15), label: showBytes };

export const byteRates: AxisScale = {
  steps: decades(0, 15),
  label: (value) => `${showBytes(value)}/s`,
};

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000] as const;

const units = [
  [DAY, 'd'],
  [HOUR, 'h'],
  [MINUTE, 'min'],
  [SECOND, 's'],
  [1, 'ms'],
] as const;

/** Of milliseconds. */
export const spans: AxisScale = {
  steps: [
    ...decades(0, 2),
    ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
    ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
    ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
    ...decades(0, 4).map((n) => n * DAY),
  ],
  label: (value, step) => {
    const [size, name] = units.find(([unit]) => unit <= step) ?? units[4];
    return `${showNumber(value / size)} ${name}`;
  },
};
