export { withDeadline } from './deadline.ts';
export { fullJitter, type JitterBounds } from './full-jitter.ts';
export { repeat, type Repetition } from './repeat.ts';
export { WakeableSleep } from './wakeable-sleep.ts';
