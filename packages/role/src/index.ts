export { listeningPort } from './listening-port.ts';
export { createLogger } from './logger.ts';
export { serveHealth, type Health, type HealthListener } from './health.ts';
