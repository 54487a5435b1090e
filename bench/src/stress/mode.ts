/** The ways to archive that stand side by side, the first without any. */
export const stressModes = ['off', 'synchronous', 'in-process', 'queued'] as const;

export type StressMode = (typeof stressModes)[number];
