export { acknowledgeGap, listAcknowledgedGaps } from './acknowledge-gap.ts';
export type { AcknowledgedGap } from './acknowledged-gap.ts';
export { explainGaps, type ExplainGap } from './explain-gap.ts';
export type { Gap, KnownGap } from './gap.ts';
