/**
 * Which workers live: each writes a key that expires unless written again. Redis' own list of clients
 * knows neither how much a worker does nor on which host it runs.
 */
import { z } from 'zod';
import type { RedisLink } from '../connection/index.ts';

const workerSchema = z.object({
  id: z.string(),
  host: z.string(),
  /** Segments at once. */
  concurrency: z.number(),
  /** Segments in work. */
  active: z.number(),
  sources: z.array(z.string()),
});

export type WorkerRecord = z.infer<typeof workerSchema>;

/** A worker that was not heard of for this long is gone. */
export const WORKER_TTL_MS = 30_000;

export class WorkerRegistry {
  readonly #link: RedisLink;
  readonly #ids: string;
  readonly #keyOf: (id: string) => string;

  constructor(link: RedisLink, queueName: string) {
    this.#link = link;
    this.#ids = `walq:{${queueName}}:workers`;
    this.#keyOf = (id) => `walq:{${queueName}}:worker:${id}`;
  }

  async write(worker: WorkerRecord): Promise<void> {
    const { client } = this.#link;
    await this.#link.call('register the worker', () =>
      client
        .multi()
        .sadd(this.#ids, worker.id)
        .set(this.#keyOf(worker.id), JSON.stringify(worker), 'PX', WORKER_TTL_MS)
        .exec(),
    );
  }

  async remove(id: string): Promise<void> {
    const { client } = this.#link;
    await this.#link.call('unregister the worker', () =>
      client.multi().srem(this.#ids, id).del(this.#keyOf(id)).exec(),
    );
  }

  /** The workers heard of lately, by id; forgets those that are gone. */
  async list(): Promise<WorkerRecord[]> {
    const { client } = this.#link;
    return this.#link.call('list the workers', async () => {
      const ids = (await client.smembers(this.#ids)).toSorted();
      if (ids.length === 0) return [];
      const texts = await client.mget(ids.map(this.#keyOf));
      const gone = ids.filter((_, index) => typeof texts[index] !== 'string');
      if (gone.length > 0) await client.srem(this.#ids, ...gone);
      return texts.filter((text) => typeof text === 'string').flatMap(parse);
    });
  }
}

/** A record of another version of walq that cannot be read is left out. */
function parse(text: string): WorkerRecord[] {
  try {
    const parsed = workerSchema.safeParse(JSON.parse(text));
    return parsed.success ? [parsed.data] : [];
  } catch {
    return [];
  }
}
