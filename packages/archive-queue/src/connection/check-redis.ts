import { WalqError } from '@walq/wal-core';
import type { Redis } from 'ioredis';
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
 * Asks Redis whether it is fit for a queue.
 *
 * @throws WalqError `redis-unavailable`, or `redis-evicts` where it throws keys away when it is full
 */
export async function checkRedis(link: RedisLink): Promise<RedisReport> {
  const facts = parseFacts(await link.call('ask for INFO', () => link.client.info()));
  refuseEviction(facts);
  const report = {
    version: facts.get('redis_version') ?? 'unknown',
    isPersistent: facts.get('aof_enabled') === '1' || (await savesSnapshots(link.client)),
    usedMemoryBytes: Number(facts.get('used_memory') ?? 0),
    memoryBytesMax: Number(facts.get('maxmemory') ?? 0),
  };
  return { ...report, warnings: warningsOf(report) };
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

function refuseEviction(facts: ReadonlyMap<string, string>): void {
  const policy = facts.get('maxmemory_policy') ?? 'noeviction';
  if (policy === 'noeviction') return;
  throw new WalqError('redis-evicts', {
    message: `Redis has maxmemory-policy ${policy}, walq needs noeviction`,
  });
}

/** Hosted servers may forbid CONFIG; what cannot be asked counts as persistent, to not warn in vain. */
async function savesSnapshots(client: Redis): Promise<boolean> {
  const answer: unknown = await client.config('GET', 'save').catch(() => undefined);
  return !Array.isArray(answer) || answer[1] !== '';
}

function parseFacts(info: string): Map<string, string> {
  const facts = new Map<string, string>();
  for (const line of info.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) facts.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return facts;
}
