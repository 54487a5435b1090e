export { createQueueTelemetry, type QueueTelemetry } from './queue-telemetry.ts';
