/** What INFO tells of a server, and which servers a queue of walq cannot work on. */
import { WalqError } from '@walq/wal-core/internal';

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
