export {
  createProducer,
  type Producer,
  type ProducerOptions,
  type ProducerState,
} from './producer.ts';
