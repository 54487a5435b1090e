import type { Consumer } from '@walq/archive-queue';
import { redisReasons, type Health } from '@walq/role';

/**
 * An absent Redis, archive or source keeps a worker from its work; restarting it would not help. A worker that
 * hangs without any of them is restarted.
 */
export const healthOf = (consumer: Pick<Consumer, 'state'>): Health => ({
  notReady: () => {
    const { redis, redisProblem, sources, isStuck } = consumer.state();
    const away = redisReasons(redis, redisProblem);
    const stuck = isStuck ? ['work is there, and nothing has moved for ten minutes'] : [];
    const idle = Object.entries(sources).flatMap(([name, { isTaking, holds, stopped }]) =>
      isTaking ? [] : [`source '${name}': ${stopped?.message ?? (holds.join(', ') || 'starting')}`],
    );
    return [...away, ...stuck, ...idle];
  },
  unsound: () => consumer.state().hangs,
});
