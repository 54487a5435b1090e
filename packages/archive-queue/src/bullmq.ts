/**
 * BullMQ and ioredis, loaded as the CommonJS that they are. Through `import` Node would read each of their
 * files once more, to find out what it exports, before any of them runs: a tenth of the start of a worker.
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
  UnrecoverableError,
  WaitingError,
  Worker,
} = require('bullmq') as typeof bullmq;
export type Job = bullmq.Job;
export type Queue = bullmq.Queue;
export type Worker = bullmq.Worker;

export const { Redis } = require('ioredis') as typeof ioredis;
export type Redis = ioredis.Redis;

/** For what ioredis connects with itself, but exports only in part. */
export const { SentinelConnector, StandaloneConnector } =
  require('ioredis/built/connectors') as typeof connectors;
export type SentinelConnector = connectors.SentinelConnector;
export type StandaloneConnector = connectors.StandaloneConnector;
