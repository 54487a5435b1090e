/** Keeps the heartbeat file of a role in the state directory of its PostgreSQL sources; `walq wal-push` reads it. */
import {
  HEARTBEAT_INTERVAL_MS,
  repeat,
  writeHeartbeat,
  type Disk,
  type HeartbeatRole,
  type Source,
} from '@walq/wal-core/internal';
import type { Logger } from 'pino';

/** While the role does not serve the source yet. Short, so that `wal-push` notices soon when it does. */
const RETRY_MS = 100;

interface HeartbeatOptions {
  readonly disk: Disk;
  readonly role: HeartbeatRole;
  readonly sources: readonly Source[];
  readonly logger: Logger;
  /** Whether the role serves a source now. */
  readonly isServing: (source: Source) => boolean;
}

interface Heartbeat {
  /** Stops immediately. A write that hangs on a dead disk is not waited for. */
  stop(): void;
}

export function keepHeartbeat(options: HeartbeatOptions): Heartbeat {
  const sources = options.sources.filter(({ sealedRule }) => sealedRule.kind === 'ready');
  const beats = sources.map((source) => repeat(() => beat(options, source)));
  return { stop: () => beats.forEach((one) => one.stop()) };
}

/** Returns the delay until the next beat, in milliseconds. */
async function beat(
  { disk, role, logger, isServing }: HeartbeatOptions,
  source: Source,
): Promise<number> {
  if (!isServing(source)) return RETRY_MS;
  await writeHeartbeat(disk, source, role).catch((err: unknown) => {
    logger.debug({ err, source: source.name }, 'could not write heartbeat');
  });
  return HEARTBEAT_INTERVAL_MS;
}
