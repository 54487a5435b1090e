import type { Redis } from 'ioredis';
import { WalqError } from '@walq/wal-core/internal';
import type { RedisLink } from './redis-link.ts';

/** The facts about a Redis server that an archive queue depends on. */
export interface RedisReport {
  readonly version: string;
  /** Whether jobs survive a restart of Redis. If not, walq loses no data, but enqueues everything again. */
  readonly isPersistent: boolean;
  readonly usedMemoryBytes: number;
  /** 0 means no limit. */
  readonly memoryBytesMax: number;
  /** One sentence for each setting that works but should be better. */
  readonly warnings: readonly string[];
}

/**
 * Checks that Redis is suitable for a queue, and writes a probe key, because a job can be written only if that key can.
 *
 * @throws WalqError `redis-unavailable`; `redis-evicts` if it evicts keys when memory is full; `redis-unsuitable` if no
 * walq queue can work on it
 */
export async function checkRedis(link: RedisLink): Promise<RedisReport> {
  const facts = parseFacts(await link.call('run INFO', (client) => client.info()));
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

/** @throws WalqError `redis-unavailable` with Redis's answer: a replica, full memory, a missing permission */
export async function probeWrite(link: RedisLink): Promise<void> {
  const key = `walq:{${link.queueName}}:probe`;
  await link.write('write a probe key', (client) => client.set(key, '1', 'PX', PROBE_TTL_MS));
}

const MEMORY_SHARE_MAX = 0.7;

function warningsOf(report: Omit<RedisReport, 'warnings'>): string[] {
  const warnings: string[] = [];
  if (!report.isPersistent) {
    warnings.push(
      'Redis does not persist its data: after a restart, walq enqueues all jobs again.',
    );
  }
  if (
    report.memoryBytesMax > 0 &&
    report.usedMemoryBytes > MEMORY_SHARE_MAX * report.memoryBytesMax
  ) {
    const share = Math.round((100 * report.usedMemoryBytes) / report.memoryBytesMax);
    warnings.push(`Redis uses ${share}% of its maxmemory: at 100%, no job can be added or taken.`);
  }
  return warnings;
}

/** Hosted servers may forbid CONFIG. Such a server counts as persistent, to avoid a false warning. */
async function savesSnapshots(link: RedisLink): Promise<boolean> {
  const answer = await link.call('read the setting save', saveSetting);
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

/** The fields of INFO. */
type Facts = ReadonlyMap<string, string>;

export function parseFacts(info: string): Facts {
  const facts = new Map<string, string>();
  for (const line of info.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) facts.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return facts;
}

/** BullMQ requires 5.0 and recommends this version or newer. */
const VERSION_MIN = [6, 2] as const;

/** @throws WalqError `redis-evicts`, `redis-unsuitable`: an operator has to fix these */
export function assertSuitable(facts: Facts): void {
  assertNoSentinel(facts);
  assertNoCluster(facts);
  assertVersion(facts.get('redis_version'));
  assertNoEviction(facts.get('maxmemory_policy') ?? 'noeviction');
}

function assertNoSentinel(facts: Facts): void {
  if (facts.get('redis_mode') !== 'sentinel') return;
  throw new WalqError('redis-unsuitable', {
    message: 'this server is a Redis Sentinel, which stores no queues',
    hint: 'Set its address as redis.sentinels, with redis.master_name, instead of redis.url.',
  });
}

function assertNoCluster(facts: Facts): void {
  if (facts.get('cluster_enabled') !== '1' && facts.get('redis_mode') !== 'cluster') return;
  throw new WalqError('redis-unsuitable', {
    message: 'Redis runs in cluster mode (cluster_enabled is 1), which walq does not support',
    hint: 'Use a Redis without cluster mode; for failover, use a primary with replicas and Sentinels. One server is enough for all queues of walq.',
  });
}

function assertVersion(version: string | undefined): void {
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  const [majorMin, minorMin] = VERSION_MIN;
  if (version === undefined || Number.isNaN(major)) return;
  if (major > majorMin || (major === majorMin && minor >= minorMin)) return;
  throw new WalqError('redis-unsuitable', {
    message: `Redis is version ${version}; walq needs ${VERSION_MIN.join('.')} or newer`,
    hint: 'Upgrade Redis, or use Valkey.',
  });
}

function assertNoEviction(policy: string): void {
  if (policy === 'noeviction') return;
  throw new WalqError('redis-evicts', {
    message: `Redis has maxmemory-policy ${policy}; walq needs noeviction`,
  });
}
