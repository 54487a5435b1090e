import { createObserver, tryQueue } from '@walq/archive-queue';
import type { Config, RedisConfig } from '@walq/config';
import { isPostgres } from '../../postgres/postgres-source.ts';
import type { Call } from '../../command-line/command.ts';
import { quietLogger } from '@walq/role/logger';
import { redisOf } from '../../sources/queue-status.ts';
import { whereOf } from '../../sources/require.ts';
import { finding, ok, warning, type Finding, type Subject } from './finding.ts';

/** Checks the settings of Redis, and that this user may do what walq's roles do there. */
export async function checkRedis(call: Pick<Call, 'loadConfig'>): Promise<readonly Finding[]> {
  return finding({ check: 'redis', name: 'redis' }, async () => {
    const config = await call.loadConfig({ secretsOf: ['redis'] });
    const redis = await redisOf(config);
    if (redis === undefined) return [notSet({ check: 'redis', name: 'redis' }, config)];
    return checkServer(redis, config.queue.name);
  });
}

async function checkServer(redis: RedisConfig, queueName: string): Promise<readonly Finding[]> {
  const subject: Subject = { check: 'redis', name: redis.shown };
  const logger = quietLogger();
  const observer = createObserver({ redis, logger, queueName, sources: [] });
  try {
    return await finding(subject, async () => {
      const { version, warnings } = await observer.checkRedis();
      await tryQueue({ redis, logger, queueName });
      const found = ok(
        subject,
        `Redis ${version} with maxmemory-policy noeviction; a test job was added, processed and removed`,
      );
      return [found, ...warnings.map((text) => warning(subject, text))];
    });
  } finally {
    observer.close();
  }
}

function notSet(subject: Subject, config: Config): Finding {
  const isPushed = config.sources.every(isPostgres);
  if (isPushed) return ok(subject, 'is not configured; wal-push does not need it');
  return warning(
    subject,
    `redis.url is not set: ${whereOf(config)}`,
    'walq up starts a private Redis. Set redis.url for all other roles.',
  );
}
