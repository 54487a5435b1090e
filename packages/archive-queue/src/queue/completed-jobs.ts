/** Reads the latest completed jobs from Redis, with limits on their number and size. */
import type { Redis } from 'ioredis';
import { z } from 'zod';

export interface CompletedJob {
  /** JSON; empty if there is none or it is too long. */
  readonly outcome: string;
  /** Milliseconds since 1970. */
  readonly sealedAt: number;
  readonly takenAt: number | undefined;
  readonly finishedAt: number | undefined;
}

/** Longer than any result that a worker returns. */
const OUTCOME_BYTES_MAX = 8_192;
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
  /** From sealing until a worker took the job, in milliseconds. */
  readonly waitMs: number;
  /** Milliseconds since 1970. */
  readonly finishedAt: number;
}

/** Empty for a job that was dropped, or whose result another version of walq wrote. */
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
