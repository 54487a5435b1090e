import type { Health } from '@walq/role';
import type { Watched } from './run-producer.ts';

export const healthOf = (producers: readonly Watched[]): Health => ({
  notReady: () =>
    producers.flatMap(({ source, producer }) => {
      const { redis, stopped } = producer.state();
      if (stopped !== undefined) return [`source '${source.name}': ${stopped.message}`];
      return redis === 'ok' ? [] : [`source '${source.name}': redis is unreachable`];
    }),
});
