import { redisReasons, type Health } from '@walq/role';
import type { Watched } from './run-producer.ts';

/** A round may list a large archive over a slow network, and ends; no round lasts as long as this. */
const ROUND_MAX_MS = 600_000;

export const healthOf = (producers: readonly Watched[]): Health => ({
  notReady: () => [
    ...producers.flatMap(({ source, producer }) => {
      const { redis, redisProblem, stopped } = producer.state();
      if (stopped !== undefined) return [`source '${source.name}': ${stopped.message}`];
      return redisReasons(redis, redisProblem).map((why) => `source '${source.name}': ${why}`);
    }),
    ...hanging(producers),
  ],
  unsound: () => hanging(producers)[0],
});

const hanging = (producers: readonly Watched[]): string[] =>
  producers
    .filter(({ producer }) => producer.state().roundMs >= ROUND_MAX_MS)
    .map(
      ({ source }) => `source '${source.name}': the round of its producer does not come to an end`,
    );
