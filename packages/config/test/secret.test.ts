import { writeFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '@walq/config';
import { nodeDisk } from '@walq/wal-core/internal';
import { temporaryDirectory } from '@walq/test-support';
import { failureOf, load } from './loading.ts';

describe('a secret', () => {
  it('from a file or a URL is revealed only for connecting', async () => {
    const directory = await temporaryDirectory('config');
    await writeFile(directory.at('password'), 'hunter2\n');
    const toml = 'redis.url = "rediss://user@db:1"\nredis.password_file = "password"';
    await writeFile(directory.at('walq.toml'), toml);
    const [fromUrl] = await load({ toml: 'redis.url = "redis://u%40x:hunter2@db"' });
    const fromFile = await loadConfig({ disk: nodeDisk, cwd: directory.path, env: {} });
    for (const { redis } of [fromUrl, fromFile]) {
      expect(redis?.password?.reveal()).toBe('hunter2');
      expect(`${String(redis?.password)} ${JSON.stringify(redis)} ${inspect(redis)}`).not.toContain(
        'hunter2',
      );
    }
    expect(fromUrl.redis).toMatchObject({ username: 'u@x', shown: 'redis://db:6379' });
    expect(fromFile.redis).toMatchObject({ username: 'user', tls: true, shown: 'rediss://db:1' });
  });

  it.each([
    'redis://:hunter2@',
    'redis//:hunter2@host',
    'http://u:hunter2@host',
    'redis://u:hunter2@h/x',
  ])('in a mistyped URL is not shown: %s', async (url) => {
    const message = await failureOf({ toml: `redis.url = "${url}"` });
    expect(message).toContain('[hidden]');
    expect(message).not.toContain('hunter2');
  });

  it('under a key that does not exist is not shown', async () => {
    const message = await failureOf({ toml: 'redis.password = "hunter2"' });
    expect(message).toBe(
      '$/walq.toml: redis.password: unknown key; the nearest known key is redis.password_file',
    );
  });
});
