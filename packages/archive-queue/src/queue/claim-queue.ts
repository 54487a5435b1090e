/**
 * Which source a queue is for. Names are chosen by hand on each host, and jobs of another source prove nothing: two
 * sources of one name would drop each other's jobs for ever. The first one writes down who it is, and renews that for
 * as long as one of its processes runs; processes of another one of this name add and take no jobs. A schedule is all
 * that rests on it: whoever writes to Redis can keep a source from its queue by this, as by pausing it.
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

/** Twice as long as the longest pause between two renewals, by a producer that reconciles. */
const CLAIM_TTL_MS = 60_000;
const CLAIM_CHARS_MAX = 20_000;

const claimSchema = z.object({ sourceId: z.string(), host: z.string(), directory: z.string() });

/**
 * Takes the queue for this source, or renews that; gives the failure where it is another one's.
 *
 * @throws WalqError `redis-unavailable`
 */
export async function claimQueue(claimed: Claimed): Promise<WalqError | undefined> {
  const { link, queueName, source, sourceId } = claimed;
  // Several instances of PostgreSQL archive under one name.
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

/** What cannot be read is nobody's. */
function parseClaim(text: string): z.infer<typeof claimSchema> | undefined {
  try {
    return claimSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Both sides read this: the roles that are refused say it in their records. */
const taken = (
  { source, sourceId, queueName }: Claimed,
  owner: z.infer<typeof claimSchema>,
): WalqError =>
  new WalqError('source-name-shared', {
    message: `two sources named '${source.name}' use the queue ${queueName}: it belongs to ${owner.directory} on host ${owner.host} (source id ${owner.sourceId}), which came first; ${source.directory} on host ${hostname()} (source id ${sourceId}) is not archived`,
  });
