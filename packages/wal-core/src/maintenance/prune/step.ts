/** The steps of pruning in their order, each announced, so that a test can fail or kill the process there. */
export const pruneSteps = ['raise', 'raised', 'remove', 'removed', 'forget', 'forgotten'] as const;

export type PruneStep = (typeof pruneSteps)[number];

/** Awaited at each step, with the segment or record that it is about; a rejection ends the pruning there. */
export type PruneStepListener = (step: PruneStep, what: string) => void | Promise<void>;
