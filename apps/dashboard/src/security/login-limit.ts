/**
 * Limits failed logins, per network and in total. Only wrong credentials count. A network over its limit is delayed,
 * not locked out: right credentials still work from there, later. The total limit does not apply to networks from
 * which somebody has logged in before, so guessing from many addresses does not keep these out.
 */
import rateLimit, { type CreateRateLimitOptions } from '@fastify/rate-limit';
import { networkOf } from '@walq/role';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { setTimeout as sleep } from 'node:timers/promises';

/** How many wrong logins are answered immediately, and how many more are answered when their window ends. */
const OF_NETWORK = {
  immediate: { max: 10, timeWindow: 60_000 },
  delayed: { max: 2, timeWindow: 12_000 },
};
const OF_ALL = {
  immediate: { max: 60, timeWindow: 60_000 },
  delayed: { max: 12, timeWindow: 12_000 },
};
const KNOWN_NETWORKS_MAX = 1_000;

/** The user; or the seconds until the next attempt is allowed, 0 when the credentials are just wrong. */
export type Attempt = { readonly user: string } | { readonly waitS: number };

/** Takes the user whose credentials were right, or undefined for wrong ones. */
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
        // Refused right credentials count like wrong ones; otherwise the next answer would reveal the difference.
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
  { immediate, delayed }: typeof OF_NETWORK,
  options: CreateRateLimitOptions,
): TakeTurn {
  const takeImmediate = turnsOf(server, { ...options, ...immediate });
  const takeDelayed = turnsOf(server, { ...options, ...delayed });
  return async (request, isWrong) => {
    const { isFree } = await takeImmediate(request, isWrong);
    return isFree ? { isFree, waitMs: 0 } : takeDelayed(request, isWrong);
  };
}

function turnsOf(server: FastifyInstance, options: CreateRateLimitOptions): TakeTurn {
  const check = server.createRateLimit(options);
  return async (request, isWrong) => {
    const found = await check(request, { increment: isWrong });
    if (found.isAllowed) return { isFree: true, waitMs: 0 };
    // Right credentials do not count: they pass if one more wrong login would have been answered.
    const isFree = isWrong ? !found.isExceeded : found.remaining > 0;
    return { isFree, waitMs: found.ttl };
  };
}
