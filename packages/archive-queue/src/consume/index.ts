export { createConsumer, type Consumer, type ConsumerState } from './consumer.ts';
export type { ConsumedSource, ConsumerOptions } from './consumer-options.ts';
export type { JobEnding, JobEvent } from './job-event.ts';
export type { SubscriptionState } from './subscription.ts';
