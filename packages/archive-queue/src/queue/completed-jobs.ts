/** Reads the latest completed jobs from Redis, with limits on their number and size. */
import type { Redis } from 'ioredis';
import { z } from 'zod';

export interface CompletedJob {
  /** JSON; empty if there is none or it is too long. */
  readonly outcome: string;
  /** Milliseconds since 1970. */
  readonly finishedAt: number | undefined;
}

/** Longer than any result that a worker returns. */
export const OUTCOME_BYTES_MAX = 16_384;
const NUMBER_BYTES_MAX = 32;

/** Runs in Redis, so that a field that is too long is never sent. BullMQ's own method reads whole jobs. */
const SCRIPT = `
local function within(key, field, max)
  return redis.call('HSTRLEN', key, field) <= tonumber(max) and redis.call('HGET', key, field) or ''
end
local found = {}
for _, id in ipairs(redis.call('ZREVRANGE', KEYS[1], 0, ARGV[1] - 1)) do
  local key = ARGV[2] .. id
  found[#found + 1] = {
    within(key, 'returnvalue', ARGV[3]),
    within(key, 'finishedOn', ARGV[4]),
  }
end
return found`;

export async function readCompleted(
  client: Redis,
  toKey: (key: string) => string,
  countMax: number,
): Promise<CompletedJob[]> {
  const bounds = [OUTCOME_BYTES_MAX, NUMBER_BYTES_MAX];
  const found = await client.eval(SCRIPT, 1, toKey('completed'), countMax, toKey(''), ...bounds);
  return (found as readonly (readonly (string | null)[])[]).map(([outcome, finishedAt]) => ({
    outcome: outcome ?? '',
    finishedAt: numberOf(finishedAt),
  }));
}

function numberOf(text: string | null | undefined): number | undefined {
  const number = Number(text === '' ? undefined : (text ?? undefined));
  return Number.isFinite(number) ? number : undefined;
}

const ms = z.number().nonnegative();

const resultSchema = z.object({
  outcomes: z.record(z.string(), z.number()),
  bytesIn: z.number(),
  bytesOut: z.number(),
  stages: z
    .object({ readMs: ms, compressMs: ms, storeMs: ms, confirmMs: ms, deleteMs: ms })
    .optional(),
  waitMs: ms.optional(),
});

/** The archived segments of a job. Times are averages of a segment, in milliseconds. */
export interface RecentBatch extends Omit<z.infer<typeof resultSchema>, 'outcomes'> {
  readonly segments: number;
  /** Milliseconds since 1970. */
  readonly finishedAt: number;
}

/** Empty for a job that archived nothing, or whose result another version of walq wrote. */
export function toRecentBatch({ outcome, finishedAt }: CompletedJob): RecentBatch[] {
  const result = resultSchema.safeParse(parsed(outcome));
  if (!result.success || finishedAt === undefined) return [];
  const { outcomes, ...batch } = result.data;
  const segments = (outcomes['archived'] ?? 0) + (outcomes['already-archived'] ?? 0);
  return segments > 0 ? [{ ...batch, segments, finishedAt }] : [];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
