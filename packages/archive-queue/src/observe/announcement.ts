/** Keeps a role's record in Redis: soon after it changed, and before it expires. */
import { asWalqError, repeat, uniqueProcessName } from '@walq/wal-core/internal';
import type { Logger } from 'pino';
import { hostname } from 'node:os';
import { RedisLink } from '../connection/redis-link.ts';
import type { RedisPlace } from '../connection/redis-settings.ts';
import { withDeadline } from '../deadline.ts';
import { producerRecordSchema, type ProducerRecord } from './role-records.ts';
import { RECORD_TTL_MS, RoleRegistry } from './role-registry.ts';

const POLL_INTERVAL_MS = 2_000;
const WRITE_INTERVAL_MS = RECORD_TTL_MS / 3;
const REMOVE_MAX_MS = 500;

export interface Announcement {
  /** Looks whether the record changed, now. */
  hurry(): void;
  /** Takes the record away, for at most half a second. */
  stop(): Promise<void>;
  /** Resolves when stopped and the last look has ended; without Redis that needs the link closed. */
  readonly ended: Promise<void>;
}

export interface AnnouncementOptions<Role> {
  readonly id: string;
  readonly registry: RoleRegistry<Role & { readonly id: string }>;
  readonly logger: Logger;
  /** Asked every two seconds; must not fail. */
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
      logger.debug({ err: asWalqError(error) }, 'not listed for now');
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
        (err: unknown) => logger.debug({ err }, 'the list of roles forgets this one by itself'),
      );
    },
  };
}

export interface ProducerAnnouncementOptions {
  readonly redis: RedisPlace;
  readonly logger: Logger;
  /** First part of the queues' names. @default 'wal-archive' */
  readonly queueName?: string;
  /** Of walq. */
  readonly version: string;
  /** Asked every two seconds; must not fail. */
  readonly describe: () => ProducerRecord['sources'];
}

export interface ProducerAnnouncement {
  /** Name under which it is listed. */
  readonly id: string;
  close(): Promise<void>;
}

/** Tells those who look that a producer lives, and what it sees of its sources. */
export function announceProducer(options: ProducerAnnouncementOptions): ProducerAnnouncement {
  const { redis: place, logger, queueName = 'wal-archive', version, describe } = options;
  const host = hostname();
  const id = uniqueProcessName();
  const startedAt = Date.now();
  // An outage is told by the producers, which have connections of their own.
  const quiet = logger.child({}, { level: 'silent' });
  const link = new RedisLink({
    place,
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
