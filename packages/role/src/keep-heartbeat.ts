/** Says on disk, again and again, that a role serves its PostgreSQL sources: `walq wal-push` looks there. */
import {
  HEARTBEAT_INTERVAL_MS,
  repeat,
  writeHeartbeat,
  type Disk,
  type HeartbeatRole,
  type Source,
} from '@walq/wal-core/internal';
import type { Logger } from 'pino';

/** While the role takes care of nothing yet: what it takes care of then is not to wait for it. */
const RETRY_MS = 100;

interface HeartbeatOptions {
  readonly disk: Disk;
  readonly role: HeartbeatRole;
  readonly sources: readonly Source[];
  readonly logger: Logger;
  /** Whether the role takes care of a source now. */
  readonly isServing: (source: Source) => boolean;
}

interface Heartbeat {
  /** Ends at once: what hangs on a dead disk is left behind, and says nothing more than it did. */
  stop(): void;
}

export function keepHeartbeat(options: HeartbeatOptions): Heartbeat {
  const sources = options.sources.filter(({ sealedRule }) => sealedRule.kind === 'ready');
  const beats = sources.map((source) => repeat(() => beat(options, source)));
  return { stop: () => beats.forEach((one) => one.stop()) };
}

/** Gives the pause until it is to be said again, in milliseconds. */
async function beat(
  { disk, role, logger, isServing }: HeartbeatOptions,
  source: Source,
): Promise<number> {
  if (!isServing(source)) return RETRY_MS;
  await writeHeartbeat(disk, source, role).catch((err: unknown) => {
    logger.debug({ err, source: source.name }, 'unable to say that this role is here');
  });
  return HEARTBEAT_INTERVAL_MS;
}
