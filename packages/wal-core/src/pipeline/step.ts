/**
 * The steps on a segment's way, in their order. Each is announced before it begins, so that a test can
 * fail or kill the process there, and whoever measures can time it.
 */
export const steps = [
  'admit',
  'find',
  'stage',
  'compress',
  'recheck',
  'publish',
  'confirm',
  'settle',
  'compare-source',
  'unlink-source',
  'sync-source',
  'acknowledge',
] as const;

/** Those of a replacement alone, between `compress` and `publish`. */
export const replaceSteps = ['begin-replace', 'set-aside', 'note-aside', 'end-replace'] as const;

export type Step = (typeof steps)[number] | (typeof replaceSteps)[number];

/** Awaited before each step; a rejection fails the segment there. */
export type StepListener = (step: Step, segment: string) => void | Promise<void>;
