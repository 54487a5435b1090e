/** Keeps a role's record in Redis: writes it soon after a change, and before it expires. */
import { asWalqError, repeat, processName } from '@walq/wal-core/internal';
import type { Logger } from 'pino';
import { hostname } from 'node:os';
import { RedisLink } from '../connection/redis-link.ts';
import type { RedisLocation } from '../connection/redis-settings.ts';
import { withDeadline } from '../deadline.ts';
import { producerRecordSchema, type ProducerRecord } from './role-records.ts';
import { RECORD_TTL_MS, RoleRegistry } from './role-registry.ts';

const POLL_INTERVAL_MS = 2_000;
const WRITE_INTERVAL_MS = RECORD_TTL_MS / 3;
const REMOVE_MAX_MS = 500;

export interface Announcement {
  /** Checks now whether the record has changed. */
  hurry(): void;
  /** Removes the record; waits for at most half a second. */
  stop(): Promise<void>;
  /** Resolves when stopped and the last poll has ended; while Redis is down, only once the link is closed. */
  readonly ended: Promise<void>;
}

export interface AnnouncementOptions<Role> {
  readonly id: string;
  readonly registry: RoleRegistry<Role & { readonly id: string }>;
  readonly logger: Logger;
  /** Called every two seconds; must not fail. */
  readonly describe: () => Role | Promise<Role>;
}

export function announce<Role extends { readonly id: string }>(
  options: AnnouncementOptions<Role>,
): Announcement {
  const { id, registry, logger, describe } = options;
  let written = '';
  let writtenMs = -Infinity;
  const poll = async (): Promise<number> => {
    const record = await describe();
    const text = JSON.stringify(record);
    const isFresh = performance.now() - writtenMs < WRITE_INTERVAL_MS;
    if (text === written && isFresh) return POLL_INTERVAL_MS;
    try {
      await registry.write(record);
      [written, writtenMs] = [text, performance.now()];
    } catch (error) {
      writtenMs = -Infinity;
      logger.debug({ err: asWalqError(error) }, 'could not register; retrying');
    }
    return POLL_INTERVAL_MS;
  };
  const polling = repeat(poll);
  return {
    hurry: () => polling.hurry(),
    ended: polling.ended,
    stop: async () => {
      polling.stop();
      await withDeadline(registry.remove(id), REMOVE_MAX_MS, 'unregistering').catch(
        (err: unknown) => logger.debug({ err }, 'could not deregister; the entry will expire'),
      );
    },
  };
}

export interface ProducerAnnouncementOptions {
  readonly redis: RedisLocation;
  readonly logger: Logger;
  /** Prefix of the queue names. @default 'wal-archive' */
  readonly queueName?: string;
  /** The version of walq. */
  readonly version: string;
  /** Called every two seconds; must not fail. */
  readonly describe: () => ProducerRecord['sources'];
}

export interface ProducerAnnouncement {
  /** Name under which it is registered. */
  readonly id: string;
  close(): Promise<void>;
}

/** Registers a producer in Redis and keeps its record, with the figures of its sources, up to date. */
export function announceProducer(options: ProducerAnnouncementOptions): ProducerAnnouncement {
  const { redis: location, logger, queueName = 'wal-archive', version, describe } = options;
  const host = hostname();
  const id = processName();
  const startedAt = Date.now();
  // The producers of this process have connections of their own and log outages.
  const quiet = logger.child({}, { level: 'silent' });
  const link = new RedisLink({
    location,
    logger: quiet,
    queueName,
    onReady: () => announcement.hurry(),
  });
  const schema = producerRecordSchema;
  const announcement = announce<ProducerRecord>({
    id,
    logger: quiet,
    registry: new RoleRegistry({ link, queueName, role: 'producer', schema }),
    describe: () => ({ id, host, version, startedAt, sources: describe() }),
  });
  return {
    id,
    close: async () => {
      await announcement.stop();
      link.close();
      await announcement.ended;
    },
  };
}
