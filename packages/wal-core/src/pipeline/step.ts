/**
 * The steps on a segment's way, in their order. Each is announced before it begins, so that a test can
 * fail or kill the process there, and whoever measures can time it.
 */
export const steps = [
  'admit',
  'find',
  'stage',
  'compress',
  'publish',
  'confirm',
  'settle',
  'compare-source',
  'unlink-source',
  'sync-source',
] as const;

export type Step = (typeof steps)[number];

/** Awaited before each step; a rejection fails the segment there. */
export type StepListener = (step: Step, segment: string) => void | Promise<void>;
