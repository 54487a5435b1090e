export { explore, type Explored } from './explore.ts';
export { fuzzTargets, type FuzzOptions } from './fuzz-targets.ts';
export { faultOf } from './check-outcome.ts';
export { shorten } from './shorten.ts';
export { targets } from './targets/index.ts';
export type { Target } from './target.ts';
