import type { Redis } from 'ioredis';
import { WalqError } from '@walq/wal-core/internal';
import type { RedisLink } from './redis-link.ts';

/** What Redis says of itself, as far as an archive queue depends on it. */
export interface RedisReport {
  readonly version: string;
  /** Whether jobs survive a restart of Redis; walq loses nothing without, but enqueues anew. */
  readonly isPersistent: boolean;
  readonly usedMemoryBytes: number;
  /** 0 where there is no limit. */
  readonly memoryBytesMax: number;
  /** What works and could be better, one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Asks Redis whether it is fit for a queue, and writes a key of walq's own: what cannot be written now, a job
 * could not be either.
 *
 * @throws WalqError `redis-unavailable`; `redis-evicts` where it throws keys away when it is full;
 * `redis-unsuitable` where no queue of walq can work
 */
export async function checkRedis(link: RedisLink): Promise<RedisReport> {
  const facts = parseFacts(await link.call('ask for INFO', (client) => client.info()));
  assertSuitable(facts);
  await probeWrite(link);
  const report = {
    version: facts.get('redis_version') ?? 'unknown',
    isPersistent: facts.get('aof_enabled') === '1' || (await savesSnapshots(link)),
    usedMemoryBytes: Number(facts.get('used_memory') ?? 0),
    memoryBytesMax: Number(facts.get('maxmemory') ?? 0),
  };
  return { ...report, warnings: warningsOf(report) };
}

const PROBE_TTL_MS = 60_000;

/** @throws WalqError `redis-unavailable` with what Redis answered: a replica, a full memory, a missing permission */
export async function probeWrite(link: RedisLink): Promise<void> {
  const key = `walq:{${link.queueName}}:probe`;
  await link.write('write', (client) => client.set(key, '1', 'PX', PROBE_TTL_MS));
}

const MEMORY_SHARE_MAX = 0.7;

function warningsOf(report: Omit<RedisReport, 'warnings'>): string[] {
  const warnings: string[] = [];
  if (!report.isPersistent) {
    warnings.push('Redis keeps nothing on disk: after its restart all jobs are enqueued anew.');
  }
  if (
    report.memoryBytesMax > 0 &&
    report.usedMemoryBytes > MEMORY_SHARE_MAX * report.memoryBytesMax
  ) {
    const share = Math.round((100 * report.usedMemoryBytes) / report.memoryBytesMax);
    warnings.push(`Redis uses ${share}% of its maxmemory: once full, it takes and gives no jobs.`);
  }
  return warnings;
}

/** Hosted servers may forbid CONFIG; what cannot be asked counts as persistent, to not warn in vain. */
async function savesSnapshots(link: RedisLink): Promise<boolean> {
  const answer = await link.call('ask for its settings', saveSetting);
  return !Array.isArray(answer) || answer[1] !== '';
}

async function saveSetting(client: Redis): Promise<unknown> {
  try {
    return await client.config('GET', 'save');
  } catch (error) {
    if (error instanceof Error && /NOPERM|unknown command/i.test(error.message)) return undefined;
    throw error;
  }
}

/** What INFO tells of a server, and which servers a queue of walq cannot work on. */
type Facts = ReadonlyMap<string, string>;

export function parseFacts(info: string): Facts {
  const facts = new Map<string, string>();
  for (const line of info.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) facts.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return facts;
}

/** BullMQ's own minimum is 5.0, and it calls anything below this one not recommended. */
const VERSION_MIN = [6, 2] as const;

/** @throws WalqError `redis-evicts`, `redis-unsuitable`: nothing that heals by itself */
export function assertSuitable(facts: Facts): void {
  assertNoSentinel(facts);
  assertNoCluster(facts);
  assertVersion(facts.get('redis_version'));
  assertNoEviction(facts.get('maxmemory_policy') ?? 'noeviction');
}

function assertNoSentinel(facts: Facts): void {
  if (facts.get('redis_mode') !== 'sentinel') return;
  throw new WalqError('redis-unsuitable', {
    message: 'this server is a Redis Sentinel, which holds no queues',
    hint: 'Give its address as redis.sentinels, with redis.master_name, instead of redis.url.',
  });
}

function assertNoCluster(facts: Facts): void {
  if (facts.get('cluster_enabled') !== '1' && facts.get('redis_mode') !== 'cluster') return;
  throw new WalqError('redis-unsuitable', {
    message: 'Redis runs in cluster mode (cluster_enabled is 1), which walq does not support',
    hint: 'Use a Redis without cluster mode; for failover a primary with replicas and Sentinels. One server carries every queue of walq.',
  });
}

function assertVersion(version: string | undefined): void {
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  const [majorMin, minorMin] = VERSION_MIN;
  if (version === undefined || Number.isNaN(major)) return;
  if (major > majorMin || (major === majorMin && minor >= minorMin)) return;
  throw new WalqError('redis-unsuitable', {
    message: `Redis is version ${version}, walq needs ${VERSION_MIN.join('.')} or newer`,
    hint: 'Upgrade Redis, or use Valkey.',
  });
}

function assertNoEviction(policy: string): void {
  if (policy === 'noeviction') return;
  throw new WalqError('redis-evicts', {
    message: `Redis has maxmemory-policy ${policy}, walq needs noeviction`,
  });
}
