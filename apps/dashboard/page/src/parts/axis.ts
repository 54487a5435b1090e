/** Axis steps: round numbers in the unit of the labels, so that the labels are evenly spaced as well. */
import { bytesLabelFor, showNumber } from '../format.ts';

export interface AxisScale {
  /** The steps that an axis may use, in ascending order. */
  readonly steps: readonly number[];
  /** Labels for multiples of `step` up to `max`. */
  readonly labelFor: (step: number, max: number) => (value: number) => string;
}

const decades = (from: number, until: number): number[] =>
  Array.from({ length: until - from + 1 }, (_, index) => 10 ** (from + index)).flatMap((ten) => [
    ten,
    2 * ten,
    5 * ten,
  ]);

export const counts: AxisScale = { steps: decades(0, 12), labelFor: () => showNumber };

export const bytes: AxisScale = { steps: decades(0, 15), labelFor: bytesLabelFor };

export const byteRates: AxisScale = {
  steps: decades(0, 15),
  labelFor: (step, max) => {
    const label = bytesLabelFor(step, max);
    return (value) => `${label(value)}/s`;
  },
};

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000] as const;

const units = [
  [DAY, 'd'],
  [HOUR, 'h'],
  [MINUTE, 'min'],
  [SECOND, 's'],
  [1, 'ms'],
] as const;

/** Durations in milliseconds. */
export const spans: AxisScale = {
  steps: [
    ...decades(0, 2),
    ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
    ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
    ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
    ...decades(0, 4).map((n) => n * DAY),
  ],
  labelFor: (step) => {
    const [size, name] = units.find(([unit]) => unit <= step) ?? units[4];
    return (value) => `${showNumber(value / size)} ${name}`;
  },
};

/** Steps of the time axis in seconds: whole minutes and hours only. */
export const clockSteps: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * 60),
  ...[1, 2, 3, 6, 12, 24].map((n) => n * 3_600),
];

const STEPS_MAX = 5;

/** The labelled values of an axis: multiples of a round step, from 0 to the first that is at least `max`. */
export function axisValues({ steps }: AxisScale, max: number): number[] {
  const step = steps.find((one) => one * STEPS_MAX >= max) ?? max;
  const count = Math.max(1, Math.ceil(max / step));
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}
