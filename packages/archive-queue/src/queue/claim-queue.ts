/**
 * Claims a queue for one source. Operators choose source names on each host, so two sources may have the same name; they
 * would drop each other's jobs for ever. The first source claims the queue and renews the claim while one of its
 * processes runs; processes of another source of this name neither add nor take jobs. Only the schedule depends on the
 * claim: anyone who can write to Redis can block a source with it, as by pausing the queue.
 */
import { WalqError, type Source } from '@walq/wal-core/internal';
import { z } from 'zod';
import { hostname } from 'node:os';
import type { RedisLink } from '../connection/redis-link.ts';

export interface Claimed {
  readonly link: RedisLink;
  readonly queueName: string;
  readonly source: Source;
  readonly sourceId: string;
}

/** Twice the longest interval between two renewals, which is that of a producer's reconciliation. */
const CLAIM_TTL_MS = 60_000;
const CLAIM_CHARS_MAX = 20_000;

const claimSchema = z.object({ sourceId: z.string(), host: z.string(), directory: z.string() });

/**
 * Claims the queue for this source, or renews its claim; returns the failure if another source has claimed it.
 *
 * @throws WalqError `redis-unavailable`
 */
export async function claimQueue(claimed: Claimed): Promise<WalqError | undefined> {
  const { link, queueName, source, sourceId } = claimed;
  // The members of a PostgreSQL cluster share one source name.
  if (source.type === 'postgres') return undefined;
  const key = `walq:{${queueName}}:source`;
  const claim = JSON.stringify({ sourceId, host: hostname(), directory: source.directory });
  return link.write(`claim the queue ${queueName}`, async (client) => {
    if ((await client.set(key, claim, 'PX', CLAIM_TTL_MS, 'NX')) !== null) return undefined;
    const owner = parseClaim(await client.getrange(key, 0, CLAIM_CHARS_MAX));
    if (owner !== undefined && owner.sourceId !== sourceId) return taken(claimed, owner);
    await client.set(key, claim, 'PX', CLAIM_TTL_MS);
    return undefined;
  });
}

/** A claim that cannot be parsed does not count. */
function parseClaim(text: string): z.infer<typeof claimSchema> | undefined {
  try {
    return claimSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Shown on both hosts: the rejected roles put this message in their records. */
const taken = (
  { source, sourceId, queueName }: Claimed,
  owner: z.infer<typeof claimSchema>,
): WalqError =>
  new WalqError('source-name-shared', {
    message: `two sources named '${source.name}' use the queue ${queueName}: ${owner.directory} on host ${owner.host} (source id ${owner.sourceId}) claimed it first; ${source.directory} on host ${hostname()} (source id ${sourceId}) is not archived`,
  });
