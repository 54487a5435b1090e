import { createObserver, showRedis, type RedisLocation } from '@walq/archive-queue';
import { locationOptions } from '@walq/archive-queue/testing';
import {
  freePort,
  redisBinary,
  startProcess,
  startRedis,
  temporaryDirectory,
} from '@walq/test-support';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createServer } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openClient } from '../support/queue-probe.ts';
import { logLines } from '../support/log-lines.ts';

const secret = (text: string) => ({ reveal: () => text });

async function stateOf(redis: RedisLocation): Promise<string> {
  const { logger } = logLines();
  const observer = createObserver({ redis, logger, sources: [], deadlineMs: 3_000 });
  onTestFinished(() => observer.close());
  return (await observer.redisState()).state;
}

describe('the Redis address', () => {
  it('reads a URL with user, password, database and TLS', () => {
    expect(locationOptions('rediss://walq:p%40ss@[::1]:7000/3')).toEqual({
      host: '::1',
      port: 7000,
      db: 3,
      username: 'walq',
      password: 'p@ss',
      tls: {},
    });
  });

  it('never shows a password', () => {
    expect(showRedis('redis://walq:hunter2@redis.example')).toBe('redis://redis.example:6379');
  });

  it('rejects an invalid Redis URL without printing it', () => {
    expect(() => locationOptions('http://walq:hunter2@example')).toThrow(
      /redis:\/\/, rediss:\/\/ or unix:\/\//,
    );
  });

  it('connects through Sentinels with a password', async () => {
    const password = 'hunter2';
    const redis = await startRedis();
    await openClient(redis.url).config('SET', 'requirepass', password);
    const port = await startSentinel(redis.port, password);
    const sentinels = [{ host: '127.0.0.1', port }];
    const servers = { kind: 'sentinel', sentinels, masterName: 'mymaster' } as const;
    expect(await stateOf({ servers, password: secret(password) })).toBe('ok');
    expect(await stateOf({ servers, password: secret('wrong') })).toBe('unreachable');
  });

  it('is retried until the deadline after refused connections', async () => {
    const redis = await startRedis();
    await redis.kill();
    const state = stateOf(redis.url);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await redis.start();
    expect(await state).toBe('ok');
  });

  it('connects with TLS, and only to a server whose certificate the authority has signed', async () => {
    const { port, authority } = await startTlsRedis();
    const servers = { kind: 'single', address: { host: 'localhost', port } } as const;
    expect(await stateOf({ servers, tls: true, certificateAuthority: authority })).toBe('ok');
    expect(await stateOf({ servers, tls: true })).toBe('unreachable');
  });
});

async function startSentinel(masterPort: number, password: string): Promise<number> {
  const directory = await temporaryDirectory('sentinel');
  const port = await freePort();
  const settings = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${directory.path}`,
    `sentinel monitor mymaster 127.0.0.1 ${masterPort} 1`,
    `sentinel auth-pass mymaster ${password}`,
  ];
  await writeFile(directory.at('sentinel.conf'), settings.join('\n'));
  const sentinel = await startProcess(await redisBinary(), [
    directory.at('sentinel.conf'),
    '--sentinel',
  ]);
  await sentinel.waitForLine(/\+monitor master/);
  return port;
}

/** A real Redis behind TLS, which not every build of redis-server speaks itself. */
async function startTlsRedis(): Promise<{ port: number; authority: string }> {
  const redis = await startRedis();
  const read = (name: string) => readFile(join(import.meta.dirname, name), 'utf8');
  const [key, cert] = [await read('localhost-key.pem'), await read('localhost-cert.pem')];
  const server = createServer({ key, cert }, (plain) => {
    const behind = connect(redis.port, '127.0.0.1');
    pipeline(plain, behind, plain, () => behind.destroy());
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP address given');
  return { port: address.port, authority: cert };
}
