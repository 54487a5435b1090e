/** Tells those who look that a producer lives, and what it sees of its sources. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { RedisLink, type RedisPlace } from '../connection/index.ts';
import {
  announce,
  producerRecordSchema,
  RoleRegistry,
  type ProducerRecord,
} from '../observe/index.ts';

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

export function announceProducer(options: ProducerAnnouncementOptions): ProducerAnnouncement {
  const { redis: place, logger, queueName = 'wal-archive', version, describe } = options;
  const host = hostname();
  const id = `${host}-${process.pid}-${randomUUID().slice(0, 8)}`;
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
