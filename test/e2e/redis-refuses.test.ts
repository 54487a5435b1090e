/**
 * A Redis that answers and takes no jobs, for each reason that it has: what an operator reads, in the server's own
 * words, and that archiving continues once the reason is gone.
 */
import { mkdir, rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { eventually, startRedis, temporaryDirectory, type RunningRedis } from '@walq/test-support';
import { nameOf, newScene, redisCommand, statusOf } from '../scene/index.ts';

interface Refusal {
  readonly word: string;
  readonly args?: readonly string[];
  readonly hint: RegExp;
  /** What roles log: one line an outage, and where the connection is lost first, of that. @default the word */
  readonly isLoggedAs?: RegExp;
  /** Has the server refuse; what it returns has it take jobs again. */
  readonly begin: (redis: RunningRedis) => Promise<() => Promise<void>>;
}

const set =
  (setting: string, value: string, sound: string): Refusal['begin'] =>
  async (redis) => {
    await redis.configure(setting, value);
    return () => redis.configure(setting, sound);
  };

const refusals: readonly Refusal[] = [
  {
    word: 'MISCONF',
    hint: /check its disk and its log/,
    args: ['--enable-protected-configs', 'yes'],
    begin: failToSave,
  },
  {
    word: 'NOREPLICAS',
    hint: /min-replicas-to-write/,
    begin: set('min-replicas-to-write', '1', '0'),
  },
  { word: 'OOM', hint: /raise its maxmemory/, begin: set('maxmemory', '1', '0') },
  {
    word: 'READONLY',
    hint: /This server is a replica\. Point redis\.url at the primary/,
    begin: async (redis) => {
      await redis.command('REPLICAOF 127.0.0.1 1');
      return () => redis.command('REPLICAOF NO ONE');
    },
  },
  {
    word: 'NOAUTH',
    isLoggedAs: /is not available/,
    hint: /set redis\.password_file/,
    begin: async (redis) => {
      // Connections that are there stay authenticated, so they are ended.
      await redis.command('CONFIG SET requirepass x\r\nCLIENT KILL TYPE normal SKIPME yes');
      return () => redis.command('AUTH x\r\nCONFIG SET requirepass ""');
    },
  },
];

/** The directory of its snapshots is gone, as where a disk is. */
async function failToSave(redis: RunningRedis): Promise<() => Promise<void>> {
  const directory = await temporaryDirectory('snapshots');
  await redis.configure('dir', directory.path);
  await redis.configure('save', '"3600 1"');
  const save = async (status: string): Promise<void> =>
    eventually(async () => {
      await redisCommand(redis.url, 'BGSAVE');
      const info = await redisCommand(redis.url, 'INFO', 'persistence');
      expect(info).toContain(`rdb_last_bgsave_status:${status}`);
    });
  await rm(directory.path, { recursive: true });
  await save('err');
  return async () => {
    await mkdir(directory.path);
    await redis.configure('dir', directory.path);
    await save('ok');
  };
}

test.each(refusals)(
  'check, status and roles report $word, and archiving continues once it is gone',
  async ({ word, isLoggedAs = new RegExp(word), hint, args = [], begin }) => {
    const redis = await startRedis({ args });
    const scene = await newScene({ redisUrl: redis.url });
    await scene.writeSegments(1, 3, 1_000);
    await scene.markFlushed(nameOf(1));
    const roles = [await scene.start('producer'), await scene.start('worker')];
    await scene.untilLeft([2, 3].map(nameOf));

    const end = await begin(redis);
    await scene.markFlushed(nameOf(2));
    const checked = await scene.walq('check');
    expect(checked.code).toBe(1);
    expect(checked.stdout).toMatch(new RegExp(`FAILED +redis .*${word}`));
    expect(checked.stdout).toMatch(hint);
    await eventually(async () => {
      const { code, stdout } = await scene.walq('status');
      expect(stdout).toMatch(new RegExp(`redis .*${word}`));
      expect(code).toBe(1);
    });
    await Promise.all(roles.map((role) => role.waitForLine(isLoggedAs)));
    expect(await scene.sourceNames()).toEqual([2, 3].map(nameOf));

    await end();
    await scene.untilLeft([nameOf(3)]);
    await eventually(async () => expect((await statusOf(scene)).redis).toBe('ok'));
    for (const role of roles) expect(await role.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(await scene.faultsAtTheEnd({ left: [nameOf(3)] })).toEqual([]);
  },
);
