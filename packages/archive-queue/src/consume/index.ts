export { createConsumer, type Consumer } from './consumer.ts';
export type { ConsumedSource, ConsumerOptions } from './consumer-options.ts';
export type { ConsumerState } from './consumer-state.ts';
export type { JobEnding, JobEvent } from './job-event.ts';
export type { SourceWorkerState } from './source-worker.ts';
