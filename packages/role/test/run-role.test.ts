import { runRole, type RoleOptions, type RoleWork } from '@walq/role';
import { freePort, temporaryDirectory } from '@walq/test-support';
import { loadConfig, type ConfigWith } from '@walq/config';
import { nodeDisk } from '@walq/wal-core/internal';
import { writeFile } from 'node:fs/promises';
import { pino } from 'pino';
import { expect, test } from 'vitest';

interface Started extends RoleOptions {
  readonly lines: { readonly msg: string }[];
  readonly url: string;
}

async function newRole(signal: AbortSignal): Promise<Started> {
  const directory = await temporaryDirectory('role');
  await writeFile(directory.at('walq.toml'), '[archive]\nurl = "archive"\n');
  const listen = `127.0.0.1:${await freePort()}`;
  const env = { WALQ_REDIS__URL: 'redis://127.0.0.1:1', WALQ_METRICS__LISTEN: listen };
  const config: ConfigWith<'redis'> = await loadConfig({
    disk: nodeDisk,
    cwd: directory.path,
    env,
  });
  const { redis } = config;
  if (redis === undefined) throw new Error('the environment names a Redis');
  const lines: Started['lines'] = [];
  const logger = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return {
    config: { ...config, redis },
    logger,
    version: '1',
    signal,
    lines,
    url: `http://${listen}`,
  };
}

const work = (run: RoleWork<string>['run']): RoleWork<string> => ({
  id: 'host-1',
  health: { notReady: () => [] },
  isServing: () => false,
  run,
});

test('a role stops its parts in the reverse order, and answers until the last one has stopped', async () => {
  const role = await newRole(new AbortController().signal);
  const ended: string[] = [];
  const result = await runRole('worker', role, async ({ onEnd }) => {
    onEnd(async () => {
      const { status } = await fetch(`${role.url}/readyz`);
      ended.push(`first ${status}`);
    });
    onEnd(() => void ended.push('second'));
    return work(async (address) => {
      expect(`http://${address}`).toBe(role.url);
      return 'done';
    });
  });
  expect(result).toBe('done');
  expect(ended).toEqual(['second', 'first 200']);
  expect(role.lines.map(({ msg }) => msg)).toEqual(['worker ended']);
  await expect(fetch(`${role.url}/readyz`)).rejects.toThrow();
});

test('a failure at the end or in the work does not keep other parts from stopping', async () => {
  const role = await newRole(new AbortController().signal);
  const ended: string[] = [];
  const running = runRole('worker', role, async ({ onEnd }) => {
    onEnd(() => void ended.push('first'));
    onEnd(() => Promise.reject(new Error('it does not end')));
    return work(async () => 'done');
  });
  await expect(running).rejects.toThrow('it does not end');
  const failing = runRole('worker', role, async ({ onEnd }) => {
    onEnd(() => void ended.push('again'));
    return work(() => Promise.reject(new Error('no work')));
  });
  await expect(failing).rejects.toThrow('no work');
  expect(ended).toEqual(['first', 'again']);
});

test('the started parts stop if a later one does not start', async () => {
  const role = await newRole(new AbortController().signal);
  const ended: string[] = [];
  const starting = runRole('producer', role, async ({ onEnd }) => {
    onEnd(() => void ended.push('first'));
    throw new Error('no second');
  });
  await expect(starting).rejects.toThrow('no second');
  expect(ended).toEqual(['first']);
});
