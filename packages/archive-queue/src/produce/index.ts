export {
  announceProducer,
  type ProducerAnnouncement,
  type ProducerAnnouncementOptions,
} from './announce-producer.ts';
export { createProducer, type Producer, type ProducerState } from './producer.ts';
export type { ProducerOptions } from './producer-options.ts';
