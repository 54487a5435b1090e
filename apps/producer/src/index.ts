export { runProducer, type ProducerRoleOptions } from './run-producer.ts';
