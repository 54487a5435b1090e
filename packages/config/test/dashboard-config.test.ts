import { loadConfig } from '@walq/config';
import { nodeDisk } from '@walq/wal-core/internal';
import { temporaryDirectory } from '@walq/test-support';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';

async function load(toml: string, files: Readonly<Record<string, string>> = {}) {
  const { path } = await temporaryDirectory();
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  const configPath = join(path, 'walq.toml');
  await writeFile(configPath, toml);
  const { dashboard } = await loadConfig({ disk: nodeDisk, cwd: path, env: {}, configPath });
  return dashboard;
}

it('reads token and password from files, without the newline, and never shows them', async () => {
  const dashboard = await load(
    '[dashboard]\ntoken_file = "token"\nusername = "ops"\npassword_file = "password"',
    { token: 'a-token-of-some-length\n', password: 'a-password-of-some-length\n' },
  );
  expect(dashboard.token?.reveal()).toBe('a-token-of-some-length');
  expect(dashboard.login?.password.reveal()).toBe('a-password-of-some-length');
  expect(JSON.stringify(dashboard)).not.toContain('of-some-length');
});

it.each([
  ['token_file = "absent"', /dashboard\.token_file.*found nothing at/],
  ['token_file = "short"', /dashboard\.token_file.*at least 12 characters.*found 5/],
  ['username = "ops"', /dashboard\.password_file.*with the password of username/],
  ['password_file = "short"', /dashboard\.username.*name for password_file/],
  ['username = "a:b"\npassword_file = "short"', /dashboard\.username.*without a colon/],
  ['tokenfile = "x"', /token_file/],
])('rejects %s', async (lines, message) => {
  const problem = load(`[dashboard]\n${lines}`, { short: 'short' });
  await expect(problem).rejects.toThrow(message);
});
