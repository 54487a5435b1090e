/**
 * The frame of a role process: starts its parts, serves health and metrics, and ends everything in order.
 *
 *   traces ▸ listener ▸ the role's own parts ▸ presence ▸ the work, until the signal or until it is done
 *
 * Ends come in the reverse order, whatever failed before: the listener answers until the role's own parts have
 * ended, and the last traces are sent after that. The frame itself sets no deadline. Each part that waits for somebody
 * else has its own, so that a role ends also while Redis or a disk does not answer:
 *
 *   segments in work          worker.shutdown_grace, and RETURN_MS in archive-queue's consumer.ts
 *   BullMQ's worker           CLOSE_MAX_MS in queue-worker.ts
 *   the producer's queue      CLOSE_DEADLINE_MS in producer.ts
 *   the entry in Redis        REMOVE_MAX_MS in announcement.ts
 *   traces                    STOP_MS_MAX in tracing.ts
 *
 * Whoever starts a role waits for longer than their sum: STOP_MS in `walq up`, and the files in deploy/.
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
  /** With `redis`; a role without it does not start. */
  readonly config: Config & { readonly redis: RedisConfig };
  readonly logger: Logger;
  /** Of walq. */
  readonly version: string;
  /** Ends the role. */
  readonly signal: AbortSignal;
}

type RoleEnd = () => void | Promise<void>;

/** What the frame has for the parts of a role. */
export interface RoleFrame {
  readonly metrics: Registry;
  /** Undefined where traces are off. */
  readonly tracing: Tracing | undefined;
  /** Ends a part when the role ends: those that were named last first. */
  readonly onEnd: (end: RoleEnd) => void;
}

/** A role whose parts have started. */
export interface RoleWork<Result> {
  /** The name under which it is listed in Redis, if it has only one. */
  readonly id?: string;
  readonly health: Health;
  /** Whether it takes care of a source now. */
  readonly isServing: (source: Source) => boolean;
  /** Works until the signal is aborted or nothing is left. `address`: where health and metrics are served. */
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

/** Resolves when a role is to end. */
export const aborted = async (signal: AbortSignal): Promise<void> => {
  if (!signal.aborted) await once(signal, 'abort');
};

/** One that fails to end keeps no other from ending. */
async function endAll(ends: readonly RoleEnd[], logger: Logger): Promise<void> {
  const failures: unknown[] = [];
  for (const end of ends) {
    try {
      await end();
    } catch (err) {
      logger.error({ err }, 'a part of this role failed to end');
      failures.push(err);
    }
  }
  if (failures.length > 0) throw failures[0];
}
