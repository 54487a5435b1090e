import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { freePort, startRedis, temporaryDirectory } from '@walq/test-support';
import { walq } from './walq.ts';

interface Found {
  readonly check: string;
  readonly state: string;
  readonly message: string;
  readonly code?: string;
  readonly hint?: string;
}

/** A log source with its archive. */
async function withPlace(redisUrl: string) {
  const directory = await temporaryDirectory('check');
  await mkdir(directory.at('wal'));
  await mkdir(directory.at('archive'));
  await writeFile(
    directory.at('walq.toml'),
    `redis.url = "${redisUrl}"
     archive.url = "archive"
     sources.orders = { type = "log", path = "wal" }`,
  );
  const check = async () => {
    const { code, stdout } = await walq(['check', '--json'], { cwd: directory.path });
    const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: readonly Found[] };
    const of = (kind: string) => checks.filter((found) => found.check === kind);
    return { code, ok, of };
  };
  return { directory, check };
}

describe('walq check', () => {
  it('passes, with warnings', async () => {
    const { url } = await startRedis();
    const { check } = await withPlace(url);
    const { code, ok, of } = await check();
    expect(of('archive')).toMatchObject([{ state: 'ok' }]);
    expect(of('redis').map(({ state }) => state)).toEqual(['ok', 'warning']);
    expect(
      of('source')
        .map(({ message }) => message)
        .join(),
    ).toContain('no identity yet');
    expect({ code, ok }).toEqual({ code: 0, ok: true });
  });

  it('fails for a Redis that evicts keys', async () => {
    const { url } = await startRedis({ args: ['--maxmemory-policy', 'allkeys-lru'] });
    const { check } = await withPlace(url);
    const { code, of } = await check();
    expect(of('redis')).toMatchObject([{ state: 'failed', code: 'redis-evicts' }]);
    expect(of('redis')[0]?.hint).toContain('noeviction');
    expect(code).toBe(1);
  });

  it('reports all failures together: Redis, source and archive', async () => {
    const { directory, check } = await withPlace(`redis://127.0.0.1:${await freePort()}`);
    await rm(directory.at('wal'), { recursive: true });
    await rm(directory.at('archive'), { recursive: true });
    await writeFile(directory.at('archive'), 'a file');
    const { code, ok, of } = await check();
    expect(of('redis')).toMatchObject([{ state: 'failed', code: 'redis-unavailable' }]);
    expect(of('source')).toMatchObject([{ state: 'failed', code: 'source-unavailable' }]);
    expect(of('archive')).toMatchObject([{ state: 'failed' }]);
    expect({ code, ok }).toEqual({ code: 1, ok: false });
  });

  it('fails for a source that is not mounted', async () => {
    const { url } = await startRedis();
    const { directory, check } = await withPlace(url);
    const cwd = { cwd: directory.path };
    await writeFile(directory.at('wal', '00000000000000000001.wal'), '');
    expect((await walq(['mark-flushed', 'orders', '00000000000000000001.wal'], cwd)).code).toBe(0);
    await rm(directory.at('wal'), { recursive: true });
    await mkdir(directory.at('wal'));
    const { code, of } = await check();
    expect(of('source')).toMatchObject([{ state: 'failed', code: 'source-unavailable' }]);
    expect(code).toBe(1);
  });

  it('fails for an archive that is not mounted, and does not create one', async () => {
    const { url } = await startRedis();
    const { directory, check } = await withPlace(url);
    const cwd = { cwd: directory.path };
    await writeFile(directory.at('wal', '00000000000000000001.wal'), '');
    await walq(['mark-flushed', 'orders', '00000000000000000001.wal'], cwd);
    await rm(directory.at('archive'), { recursive: true });
    const { of } = await check();
    expect(of('archive')).toMatchObject([{ state: 'failed', code: 'store-unavailable' }]);
    expect(await readdir(directory.path)).not.toContain('archive');
  });

  it('lists every option with its meaning', async () => {
    const { code, stdout } = await walq(['check', '--options']);
    expect(stdout).toContain('wal.archive_parallelism');
    expect(stdout).toContain('unit: segments');
    expect(code).toBe(0);
  });
});
