import { writeFile } from 'node:fs/promises';
import { loadConfig, type SecretTable } from '@walq/config';
import { nodeDisk } from '@walq/wal-core/internal';
import { temporaryDirectory } from '@walq/test-support';
import { expect, it } from 'vitest';

const toml = `
[redis]
url = "redis://db"
password_file = "no-redis-password"
[dashboard]
token_file = "no-token"
[archive]
url = "/archive"
`;

async function loadFor(secretsOf: readonly SecretTable[], text = toml) {
  const { path, at } = await temporaryDirectory('config');
  await writeFile(at('walq.toml'), text);
  return loadConfig({ disk: nodeDisk, cwd: path, env: {}, secretsOf });
}

it('opens no file of a table that was not requested', async () => {
  expect(Object.keys(await loadFor([]))).not.toEqual(
    expect.arrayContaining(['redis', 'dashboard']),
  );
  await expect(loadFor(['redis'])).rejects.toThrow(/^[^\n]*no-redis-password$/);
  await expect(loadFor(['dashboard'])).rejects.toThrow(/^[^\n]*no-token$/);
});

it('checks the keys and values of every table', async () => {
  const mistyped = toml.replace('token_file', 'tokenfile');
  await expect(loadFor([], mistyped)).rejects.toThrow(
    'the nearest known key is dashboard.token_file',
  );
});
