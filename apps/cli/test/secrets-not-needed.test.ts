/** Commands that need neither Redis nor the dashboard do not open what those keep secret. */
import { appendFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { newPostgresScene } from './postgres-scene.ts';

const FIRST = '000000010000000000000001';

const secrets = `
[redis]
url = "redis://127.0.0.1:1"
password_file = "not-here"
[dashboard]
token_file = "not-here-either"
`;

it('wal-push, wal-fetch and all that reads an archive do without', async () => {
  const scene = await newPostgresScene();
  await appendFile(scene.config, secrets);
  await scene.cluster.ready(FIRST);
  expect(await scene.push(FIRST)).toMatchObject({ code: 0, stderr: '' });
  const reading = [
    ['wal-fetch', FIRST, scene.at('fetched'), '--ahead', '0'],
    ['verify'],
    ['restore', 'main', '--to', scene.at('restored')],
  ];
  for (const args of reading) {
    const { code, stderr } = await scene.call([...args, '--config', scene.config]);
    expect([args[0], code, stderr]).toEqual([args[0], 0, expect.not.stringContaining('not-here')]);
  }
});

it.each([
  ['worker', 'redis.password_file'],
  ['dashboard', 'dashboard.token_file'],
])('a %s names the file that it needs', async (role, key) => {
  const scene = await newPostgresScene();
  await appendFile(scene.config, secrets);
  const { code, stderr } = await scene.call([role, '--config', scene.config]);
  expect(stderr).toContain(`${key}: expected a file, found nothing`);
  expect(stderr.includes('token_file')).toBe(role === 'dashboard');
  expect(code).toBe(1);
});

it('check says which secrets it could not read, and fails for Redis alone', async () => {
  const scene = await newPostgresScene();
  await appendFile(scene.config, secrets);
  const { stdout } = await scene.call(['check', '--json', '--config', scene.config]);
  const { checks } = JSON.parse(stdout) as { checks: { check: string; state: string }[] };
  expect(checks).toContainEqual(expect.objectContaining({ check: 'redis', state: 'failed' }));
  expect(checks).toContainEqual(expect.objectContaining({ check: 'dashboard', state: 'warning' }));
});
