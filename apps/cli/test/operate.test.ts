import { createObserver } from '@walq/archive-queue';
import { freePort, startRedis, temporaryDirectory } from '@walq/test-support';
import { mkdir, writeFile } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { walq } from './walq.ts';

async function operating(redisUrl: string) {
  const directory = await temporaryDirectory('operate');
  await mkdir(directory.at('wal'));
  const table = `${redisUrl === '' ? '' : `redis.url = "${redisUrl}"`}
    archive.url = "archive"
    [sources.ledger]
    type = "directory"
    path = "wal"
    pattern = '^wal-(?<number>\\d+)$'`;
  await writeFile(directory.at('walq.toml'), table);
  return (...args: string[]) => walq(args, { cwd: directory.path });
}

const me = `${userInfo().username}@${hostname()}`;

describe('pause, resume and retry', () => {
  it('pauses a source, says who did it, and resumes it', async () => {
    const redis = await startRedis();
    const run = await operating(redis.url);
    const logger = pino({ level: 'silent' });
    const observer = createObserver({ redis: redis.url, logger, sources: ['ledger'] });
    onTestFinished(() => observer.close());
    const pauseOf = async () => (await observer.queueCounts())['ledger']?.pause;

    const paused = await run('pause', 'ledger');
    expect(paused).toMatchObject({ code: 0, stderr: '' });
    expect(paused.stdout).toContain(`ledger is paused by ${me} since `);
    const pause = await pauseOf();
    expect(pause).toMatchObject({ by: me });

    const again = await run('pause', 'ledger', '--json');
    expect(JSON.parse(again.stdout)).toEqual({ source: 'ledger', paused: true, ...pause });

    const resumed = await run('resume', 'ledger', '--json');
    expect(JSON.parse(resumed.stdout)).toEqual({ source: 'ledger', paused: false, ended: pause });
    expect(await pauseOf()).toBe(null);
    expect((await run('resume', 'ledger')).stdout).toBe('ledger was not paused\n');
  });

  it('fails for a segment that does not wait, and counts those that do', async () => {
    const redis = await startRedis();
    const run = await operating(redis.url);
    expect((await run('retry', 'ledger')).stdout).toBe(
      'no segment of ledger is waiting after a failure\n',
    );
    await run('pause', 'ledger');
    expect((await run('retry', 'ledger')).stdout).toMatch(
      /^ledger is paused by .*: nothing is archived until walq resume ledger$/m,
    );
    const one = await run('retry', 'ledger', 'wal-1');
    expect(one.code).toBe(1);
    expect(one.stderr).toContain("segment 'wal-1' of source 'ledger' is not waiting");
  });

  it('refuses an unknown source, and fails when Redis is away or none is named', async () => {
    const run = await operating(`redis://127.0.0.1:${await freePort()}`);
    const unknown = await run('pause', 'other');
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('The sources are ledger.');
    const away = await run('pause', 'ledger');
    expect(away.code).toBe(1);
    expect(away.stderr).toContain('code: redis-unavailable');
    const without = await operating('');
    expect((await without('pause', 'ledger')).code).toBe(1);
  });
});
