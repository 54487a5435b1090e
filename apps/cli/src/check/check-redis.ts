import { createObserver } from '@walq/archive-queue';
import type { Config } from '@walq/wal-core';
import { redisOf } from '../queue-status.ts';
import { quietLogger } from '../quiet-logger.ts';
import { whereOf } from '../require.ts';
import { finding, ok, warning, type Finding, type Subject } from './finding.ts';

/** Whether Redis answers, keeps what it is given, and would find it again after a restart. */
export async function checkRedis(config: Config): Promise<readonly Finding[]> {
  const redis = await redisOf(config);
  const subject: Subject = { check: 'redis', name: redis?.shown ?? 'redis' };
  if (redis === undefined) return [notSet(subject, config)];
  const observer = createObserver({ redis, logger: quietLogger(), sources: [] });
  try {
    return await finding(subject, async () => {
      const { version, warnings } = await observer.checkRedis();
      const found = ok(subject, `Redis ${version}, evicts nothing`);
      return [found, ...warnings.map((text) => warning(subject, text))];
    });
  } finally {
    observer.close();
  }
}

const notSet = (subject: Subject, config: Config): Finding =>
  warning(
    subject,
    `redis.url is not set: ${whereOf(config)}`,
    'walq up starts a Redis of its own; every other role needs redis.url.',
  );
