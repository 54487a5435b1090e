/**
 * How quickly credentials may be tried. Wrong ones are counted, right ones are not. Whoever has tried too often waits
 * for the next turn and is not locked out: right credentials still get in from there, only later. The sum over all
 * networks is limited as well, except for networks from which somebody has logged in before: guessing from many
 * addresses keeps none of these out.
 */
import rateLimit, { type CreateRateLimitOptions } from '@fastify/rate-limit';
import { networkOf } from '@walq/role';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { setTimeout as sleep } from 'node:timers/promises';

/** So many wrong ones at once, and then a few more that are answered when their window ends. */
const OF_NETWORK = {
  atOnce: { max: 10, timeWindow: 60_000 },
  late: { max: 2, timeWindow: 12_000 },
};
const OF_ALL = {
  atOnce: { max: 60, timeWindow: 60_000 },
  late: { max: 12, timeWindow: 12_000 },
};
const KNOWN_NETWORKS_MAX = 1_000;

/** Who it is; or, where the credentials are wrong or were not admitted, the seconds until the next try. */
export type Attempt = { readonly user: string } | { readonly waitS: number };

/** Judges an attempt with the credentials of `user`, or with wrong ones. `waitS` is 0 where they are just wrong. */
export type LoginLimit = (request: FastifyRequest, user: string | undefined) => Promise<Attempt>;

export async function addLoginLimit(server: FastifyInstance): Promise<LoginLimit> {
  await server.register(rateLimit, { global: false });
  const known = new LRUCache<string, true>({ max: KNOWN_NETWORKS_MAX });
  const keyGenerator = ({ ip }: FastifyRequest): string => networkOf(ip);
  const limits = [
    limitOf(server, OF_NETWORK, { keyGenerator }),
    limitOf(server, OF_ALL, {
      keyGenerator: () => 'all',
      allowList: (request) => known.has(keyGenerator(request)),
    }),
  ];
  return async (request, user) => {
    let waitMs = 0;
    for (const [at, limit] of limits.entries()) {
      const turn = await limit(request, user === undefined);
      if (!turn.isFree) {
        // Refused right ones count as wrong ones do: else the next answer would tell them apart.
        if (user !== undefined) for (const one of limits.slice(0, at + 1)) await one(request, true);
        return { waitS: Math.ceil(turn.waitMs / 1_000) };
      }
      waitMs = Math.max(waitMs, turn.waitMs);
    }
    if (waitMs > 0) await sleep(waitMs, undefined, { ref: false });
    if (user === undefined) return { waitS: 0 };
    known.set(keyGenerator(request), true);
    return { user };
  };
}

interface Turn {
  readonly isFree: boolean;
  readonly waitMs: number;
}

type TakeTurn = (request: FastifyRequest, isWrong: boolean) => Promise<Turn>;

function limitOf(
  server: FastifyInstance,
  { atOnce, late }: typeof OF_NETWORK,
  options: CreateRateLimitOptions,
): TakeTurn {
  const takeAtOnce = turnsOf(server, { ...options, ...atOnce });
  const takeLate = turnsOf(server, { ...options, ...late });
  return async (request, isWrong) => {
    const { isFree } = await takeAtOnce(request, isWrong);
    return isFree ? { isFree, waitMs: 0 } : takeLate(request, isWrong);
  };
}

function turnsOf(server: FastifyInstance, options: CreateRateLimitOptions): TakeTurn {
  const check = server.createRateLimit(options);
  return async (request, isWrong) => {
    const found = await check(request, { increment: isWrong });
    if (found.isAllowed) return { isFree: true, waitMs: 0 };
    // Looking for right ones counts nothing: they are free where one more would be.
    const isFree = isWrong ? !found.isExceeded : found.remaining > 0;
    return { isFree, waitMs: found.ttl };
  };
}
