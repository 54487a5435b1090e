export {
  createConsumer,
  type ConsumedSource,
  type Consumer,
  type ConsumerOptions,
  type ConsumerState,
} from './consumer.ts';
export type { JobEnding, JobEvent } from './job-event.ts';
export type { SubscriptionState } from './subscription.ts';
