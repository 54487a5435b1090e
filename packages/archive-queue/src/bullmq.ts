/**
 * Loads BullMQ and ioredis with `require`, because they are CommonJS. With `import`, Node would read each of their files
 * a second time to find its exports, which costs a tenth of a worker's start.
 */
import type * as bullmq from 'bullmq';
import type * as ioredis from 'ioredis';
import type * as connectors from 'ioredis/built/connectors/index.js';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export const {
  DelayedError,
  ErrorCode,
  Job,
  MetricsTime,
  Queue,
  QueueKeys,
  UnrecoverableError,
  WaitingError,
  Worker,
} = require('bullmq') as typeof bullmq;
export type Job = bullmq.Job;
export type Queue = bullmq.Queue;
export type Worker = bullmq.Worker;

export const { Redis } = require('ioredis') as typeof ioredis;
export type Redis = ioredis.Redis;

/** The connectors that ioredis uses itself; its main module does not export all of them. */
export const { SentinelConnector, StandaloneConnector } =
  require('ioredis/built/connectors') as typeof connectors;
export type SentinelConnector = connectors.SentinelConnector;
export type StandaloneConnector = connectors.StandaloneConnector;
