/**
 * The frame of a role process: starts its parts, serves health and metrics, and stops everything in order.
 *
 *   traces ▸ listener ▸ the role's own parts ▸ heartbeat ▸ the work, until the signal or until it is done
 *
 * The parts stop in the reverse order, whatever failed before: the listener answers until the role's own parts have
 * stopped, and the last traces are sent after that. The frame sets no deadline. Each part that waits for another system
 * has its own, so that a role ends even if Redis or a disk does not respond:
 *
 *   segments in progress      worker.shutdown_grace, and RETURN_MS in archive-queue's consumer.ts
 *   BullMQ's worker           CLOSE_MAX_MS in queue-worker.ts
 *   the producer's queue      CLOSE_DEADLINE_MS in producer.ts
 *   the entry in Redis        REMOVE_MAX_MS in announcement.ts
 *   traces                    STOP_MS_MAX in tracing.ts
 *
 * Supervisors wait for longer than the sum of these: STOP_MS in `walq up`, and the files in deploy/.
 */
import { once } from 'node:events';
import { nodeDisk, type HeartbeatRole, type Source } from '@walq/wal-core/internal';
import type { Config, RedisConfig } from '@walq/config';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Health } from './answer-request.ts';
import { keepHeartbeat } from './keep-heartbeat.ts';
import { createMetricsRegistry } from './metrics.ts';
import { serveRole, type RoleListener } from './serve-role.ts';
import { startTracing, type Tracing } from './tracing.ts';

export interface RoleOptions {
  /** With `redis`, which every role needs. */
  readonly config: Config & { readonly redis: RedisConfig };
  readonly logger: Logger;
  /** The version of walq. */
  readonly version: string;
  /** Ends the role. */
  readonly signal: AbortSignal;
}

type RoleEnd = () => void | Promise<void>;

/** What the frame provides to the parts of a role. */
export interface RoleFrame {
  readonly metrics: Registry;
  /** Undefined if traces are off. */
  readonly tracing: Tracing | undefined;
  /** Registers a function that stops a part when the role ends; they run last registered first. */
  readonly onEnd: (end: RoleEnd) => void;
}

/** A role whose parts have started. */
export interface RoleWork<Result> {
  /** The name under which the role is registered in Redis, if it has only one. */
  readonly id?: string;
  readonly health: Health;
  /** Whether the role serves a source now. */
  readonly isServing: (source: Source) => boolean;
  /** Works until the signal is aborted or nothing is left. `address`: of health and metrics. */
  run(address: string | undefined): Promise<Result>;
}

export async function runRole<Result>(
  role: HeartbeatRole,
  options: RoleOptions,
  start: (frame: RoleFrame) => Promise<RoleWork<Result>>,
): Promise<Result> {
  const { config, logger, version } = options;
  const { sources, telemetry } = config;
  const ends: RoleEnd[] = [];
  const onEnd = (end: RoleEnd): void => void ends.unshift(end);
  let work: RoleWork<Result> | undefined;
  let listener: RoleListener | undefined;
  try {
    const tracing = await startTracing({ telemetry, logger, role, version });
    onEnd(() => tracing?.stop());
    onEnd(() => listener?.close());
    const metrics = createMetricsRegistry({ role, version });
    work = await start({ metrics, tracing, onEnd });
    const { health, isServing } = work;
    const heartbeat = keepHeartbeat({ disk: nodeDisk, role, sources, logger, isServing });
    onEnd(() => heartbeat.stop());
    listener = await serveRole({ ...config.metrics, role, health, metrics, logger });
    return await work.run(listener.address);
  } finally {
    await endAll(ends, logger);
    if (work !== undefined)
      logger.info(work.id === undefined ? {} : { id: work.id }, `${role} ended`);
  }
}

/** Resolves when the signal is aborted. */
export const aborted = async (signal: AbortSignal): Promise<void> => {
  if (!signal.aborted) await once(signal, 'abort');
};

/** Stops every part, even if another one failed to stop. */
async function endAll(ends: readonly RoleEnd[], logger: Logger): Promise<void> {
  const failures: unknown[] = [];
  for (const end of ends) {
    try {
      await end();
    } catch (err) {
      logger.error({ err }, 'a part of this role failed to stop');
      failures.push(err);
    }
  }
  if (failures.length > 0) throw failures[0];
}
