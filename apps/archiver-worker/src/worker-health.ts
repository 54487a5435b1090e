import type { Consumer } from '@walq/archive-queue';
import type { Health } from '@walq/role';

/** An absent Redis, archive or source keeps a worker from its work; restarting it would not help. */
export const healthOf = (consumer: Pick<Consumer, 'state'>): Health => ({
  notReady: () => {
    const { redis, sources, isStuck } = consumer.state();
    const away = redis === 'ok' ? [] : ['redis is unreachable'];
    const stuck = isStuck ? ['work is there, and nothing has moved for ten minutes'] : [];
    const idle = Object.entries(sources).flatMap(([name, { isTaking, holds, stopped }]) =>
      isTaking ? [] : [`source '${name}': ${stopped?.message ?? (holds.join(', ') || 'starting')}`],
    );
    return [...away, ...stuck, ...idle];
  },
});
