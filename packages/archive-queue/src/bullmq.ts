/**
 * Loads BullMQ with `require`, because it is CommonJS, and only the classes that walq uses: BullMQ's main module also
 * loads its backends for other databases, its flows and its sandbox, which takes a tenth of a worker's start.
 */
import type * as bullmq from 'bullmq';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const load = (path: string) => require(`bullmq/dist/cjs/${path}`) as typeof bullmq;

export const { DelayedError, UnrecoverableError, WaitingError } = load('classes/errors');
export const { ErrorCode, MetricsTime } = load('enums');
export const { Job } = load('classes/job');
export const { Queue } = load('classes/queue');
export const { Worker } = load('classes/worker');
export type Job = bullmq.Job;
export type Queue = bullmq.Queue;
export type Worker = bullmq.Worker;
