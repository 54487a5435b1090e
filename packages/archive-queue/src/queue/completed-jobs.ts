/** The latest finished jobs as Redis keeps them: so many at the most, and so much of each. */
import type { Redis } from 'ioredis';
import { z } from 'zod';

export interface CompletedJob {
  /** As text; empty where there is none, or one that is too long. */
  readonly outcome: string;
  /** Milliseconds since 1970. */
  readonly sealedAt: number;
  readonly takenAt: number | undefined;
  readonly finishedAt: number | undefined;
}

/** Longer than what a worker returns of the longest segment name. */
const OUTCOME_BYTES_MAX = 8_192;
const NUMBER_BYTES_MAX = 32;

/** In Redis, so that what is too long never leaves it. BullMQ's own way reads the whole of each job. */
const SCRIPT = `
local function within(key, field, max)
  return redis.call('HSTRLEN', key, field) <= tonumber(max) and redis.call('HGET', key, field) or ''
end
local found = {}
for _, id in ipairs(redis.call('ZREVRANGE', KEYS[1], 0, ARGV[1] - 1)) do
  local key = ARGV[2] .. id
  found[#found + 1] = {
    within(key, 'returnvalue', ARGV[3]),
    within(key, 'timestamp', ARGV[4]),
    within(key, 'processedOn', ARGV[4]),
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
  return (found as readonly (readonly (string | null)[])[]).map(
    ([outcome, sealedAt, takenAt, finishedAt]) => ({
      outcome: outcome ?? '',
      sealedAt: numberOf(sealedAt) ?? 0,
      takenAt: numberOf(takenAt),
      finishedAt: numberOf(finishedAt),
    }),
  );
}

function numberOf(text: string | null | undefined): number | undefined {
  const number = Number(text === '' ? undefined : (text ?? undefined));
  return Number.isFinite(number) ? number : undefined;
}

/** What the last finished jobs of a source say: where their time went. BullMQ keeps them for an hour. */
const ms = z.number().nonnegative();

const reportSchema = z.object({
  segment: z.string(),
  bytesIn: z.number(),
  bytesOut: z.number(),
  outcome: z.string(),
  stages: z
    .object({ readMs: ms, compressMs: ms, storeMs: ms, confirmMs: ms, deleteMs: ms })
    .optional(),
});

export interface RecentJob extends z.infer<typeof reportSchema> {
  /** From sealing to being taken by a worker. */
  readonly waitMs: number;
  /** Milliseconds since 1970. */
  readonly finishedAt: number;
}

/** Jobs that were dropped, or that another version of walq has done, say nothing. */
export function toRecentJob({ outcome, sealedAt, takenAt, finishedAt }: CompletedJob): RecentJob[] {
  const report = reportSchema.safeParse(parsed(outcome));
  if (!report.success || finishedAt === undefined) return [];
  return [{ ...report.data, waitMs: waitMsOf(takenAt ?? finishedAt, sealedAt), finishedAt }];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A job's timestamp is when its segment was sealed. Clocks of two hosts may disagree. */
export const waitMsOf = (takenAt: number, sealedAt: number): number =>
  Math.max(0, takenAt - sealedAt);
