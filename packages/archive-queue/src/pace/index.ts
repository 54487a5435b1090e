export { withDeadline } from './deadline.ts';
export { fullJitter, type JitterBounds } from './full-jitter.ts';
export { repeat, type Repetition } from './repeat.ts';
export { unlessAborted } from './unless-aborted.ts';
export { Waiters } from './waiters.ts';
export { WakeableSleep } from './wakeable-sleep.ts';
