/**
 * Counts and names the segments that the jobs of a queue hold. The scripts run in Redis, so that what is too long or too
 * much is never sent: anyone who can write to Redis may have added it.
 */
import type { Redis } from 'ioredis';
import { BATCH_SEGMENTS_MAX, PAYLOAD_BYTES_MAX, parseJob } from '../job/archive-job.ts';

type ToKey = (key: string) => string;

export interface QueueCounts {
  readonly waiting: number;
  readonly active: number;
  /** Delayed after a failure; each has a job of its own. */
  readonly delayed: number;
  /** Quarantined, with a job of its own. */
  readonly failed: number;
}

/** Further jobs count as one segment each, and their segments are not named. */
const JOBS_READ_MAX = 10_000;
/** Of all payloads together; half of the largest reply that a connection accepts. */
const PAYLOADS_BYTES_MAX = 2 * 1024 * 1024;

const COUNT_SEGMENTS = `-- count segments
local function held(list)
  local count = redis.call('LLEN', list)
  for _, id in ipairs(redis.call('LRANGE', list, 0, ARGV[1] - 1)) do
    local segments = string.sub(id, 1, 2) == 'b-' and string.match(string.sub(id, -8), '~%-(%d+)$')
    if segments then count = count + math.min(tonumber(segments), tonumber(ARGV[2])) - 1 end
  end
  return count
end
return { held(KEYS[1]), held(KEYS[2]), redis.call('ZCARD', KEYS[3]), redis.call('ZCARD', KEYS[4]) }`;

/** Reads the number of segments of a batch from its id. One that was returned in part holds fewer. */
export async function countSegments(client: Redis, toKey: ToKey): Promise<QueueCounts> {
  const keys = ['wait', 'active', 'delayed', 'failed'].map((key) => toKey(key));
  const bounds = [JOBS_READ_MAX, BATCH_SEGMENTS_MAX];
  const counts = await client.eval(COUNT_SEGMENTS, keys.length, ...keys, ...bounds);
  const [waiting = 0, active = 0, delayed = 0, failed = 0] = counts as readonly number[];
  return { waiting, active, delayed, failed };
}

const READ_PAYLOADS = `-- read payloads
local found, left = {}, tonumber(ARGV[4])
for _, list in ipairs(KEYS) do
  for _, id in ipairs(redis.call('LRANGE', list, 0, ARGV[2] - 1)) do
    local bytes = redis.call('HSTRLEN', ARGV[1] .. id, 'data')
    if bytes > 0 and bytes <= math.min(left, tonumber(ARGV[3])) then
      left = left - bytes
      found[#found + 1] = redis.call('HGET', ARGV[1] .. id, 'data')
    end
  end
end
return found`;

/** The segments of this identity of the source in waiting and active jobs. A job that a worker would drop holds none. */
export async function heldSegments(
  client: Redis,
  toKey: ToKey,
  sourceId: string,
): Promise<Set<string>> {
  const bounds = [JOBS_READ_MAX, PAYLOAD_BYTES_MAX, PAYLOADS_BYTES_MAX];
  const lists = [toKey('wait'), toKey('active')];
  const payloads = await client.eval(READ_PAYLOADS, 2, ...lists, toKey(''), ...bounds);
  return new Set((payloads as readonly string[]).flatMap((text) => namesIn(text, sourceId)));
}

function namesIn(payload: string, sourceId: string): string[] {
  const job = parseJob(parsed(payload), sourceId);
  return typeof job === 'string' ? [] : job.segments.map(({ segment }) => segment);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
