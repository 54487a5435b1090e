export { planPruning, prune, type PruneOptions, type PruneReport } from './prune.ts';
export type { FailedRemoval, Removal } from './remove-doomed.ts';
export { pruneSteps, type PruneStep, type PruneStepListener } from './step.ts';
