/**
 * Which role processes are running: each one writes a key that expires unless it is renewed. Redis's own client list
 * has neither a worker's host nor its load.
 */
import type { ChainableCommander, Redis } from 'ioredis';
import type { z } from 'zod';
import type { RedisLink } from '../connection/redis-link.ts';

/** A process whose record was not renewed for this long is gone. */
export const RECORD_TTL_MS = 30_000;

/** Anyone who can write to Redis can invent records, so their number and size are limited. */
const ROLES_MAX = 500;
const RECORD_BYTES_MAX = 256 * 1024;
const ID_BYTES_MAX = 1_000;
const AT_ONCE = 16;
const ALL_BYTES_MAX = 4 * 1024 * 1024;

export interface RoleRegistryOptions<Role> {
  readonly link: RedisLink;
  /** Prefix of the queue names. */
  readonly queueName: string;
  readonly role: 'worker' | 'producer' | 'check';
  readonly schema: z.ZodType<Role>;
}

export class RoleRegistry<Role extends { readonly id: string }> {
  readonly #link: RedisLink;
  readonly #role: string;
  readonly #schema: z.ZodType<Role>;
  readonly #ids: string;
  readonly #keyOf: (id: string) => string;

  constructor({ link, queueName, role, schema }: RoleRegistryOptions<Role>) {
    this.#link = link;
    this.#role = role;
    this.#schema = schema;
    this.#ids = `walq:{${queueName}}:${role}s`;
    this.#keyOf = (id) => `walq:{${queueName}}:${role}:${id}`;
  }

  async write(record: Role): Promise<void> {
    await this.#link.write(`register the ${this.#role}`, (client) =>
      allDone(
        client
          .multi()
          .sadd(this.#ids, record.id)
          .set(this.#keyOf(record.id), JSON.stringify(record), 'PX', RECORD_TTL_MS),
      ),
    );
  }

  async remove(id: string): Promise<void> {
    await this.#link.call(`deregister the ${this.#role}`, (client) =>
      allDone(client.multi().srem(this.#ids, id).del(this.#keyOf(id))),
    );
  }

  /** The running processes, by id. Removes the ids of those that are gone, if Redis accepts writes. */
  async list(): Promise<Role[]> {
    return this.#link.call(`list the ${this.#role}s`, async (client) => {
      const ids = (await someIds(client, this.#ids)).toSorted();
      const texts: string[] = [];
      const gone: string[] = [];
      let bytesLeft = ALL_BYTES_MAX;
      for (let at = 0; at < ids.length && bytesLeft > 0; at += AT_ONCE) {
        const some = ids.slice(at, at + AT_ONCE);
        const read = some.map((id) => client.getrange(this.#keyOf(id), 0, RECORD_BYTES_MAX));
        for (const [index, text] of (await Promise.all(read)).entries()) {
          if (text === '') gone.push(some[index] ?? '');
          // A record this long was cut off.
          if (text.length > RECORD_BYTES_MAX) continue;
          bytesLeft -= text.length;
          texts.push(text);
        }
      }
      if (gone.length > 0 && this.#link.state === 'ok') await client.srem(this.#ids, ...gone);
      return texts.flatMap((text) => this.#parse(text));
    });
  }

  /** Leaves out a record that cannot be parsed; another version of walq may have written it. */
  #parse(text: string): Role[] {
    try {
      const parsed = this.#schema.safeParse(JSON.parse(text));
      return parsed.success ? [parsed.data] : [];
    } catch {
      return [];
    }
  }
}

/** Runs in Redis, so that an id that is too long is never sent. */
const SOME_IDS = `
local ids = {}
for _, id in ipairs(redis.call('SRANDMEMBER', KEYS[1], ARGV[1])) do
  if #id <= tonumber(ARGV[2]) then ids[#ids + 1] = id end
end
return ids`;

const someIds = async (client: Redis, key: string): Promise<string[]> =>
  (await client.eval(SOME_IDS, 1, key, ROLES_MAX, ID_BYTES_MAX)) as string[];

/** EXEC succeeds even if a command in it failed; its reply has the errors. */
async function allDone(commands: ChainableCommander): Promise<void> {
  for (const [error] of (await commands.exec()) ?? []) if (error) throw error;
}
