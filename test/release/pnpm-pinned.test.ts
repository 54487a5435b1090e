/** The set-up gets pnpm by its digest: another package under the same version is not unpacked, and nothing of it runs. */
import { execFile } from 'node:child_process';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory } from '@walq/test-support';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const lock = join(root, 'scripts/setup/pnpm');

const getPnpm = (folder: string, from: string) =>
  run(process.execPath, [
    '--input-type=module',
    '--eval',
    `const { getPnpm } = await import(process.argv[1]); await getPnpm(process.argv[2], process.argv[3]);`,
    join(root, 'scripts/setup/find-pnpm.mjs'),
    folder,
    from,
  ]);

test('the version and a digest of every package are in the lock file', async () => {
  const { packageManager } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    readonly packageManager: string;
  };
  const { packages } = JSON.parse(await readFile(join(lock, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { version?: string; integrity?: string }>>;
  };
  expect(`pnpm@${packages['node_modules/pnpm']?.version}`).toBe(packageManager);
  for (const [name, { integrity }] of Object.entries(packages)) {
    if (name !== '') expect([name, integrity]).toEqual([name, expect.stringMatching(/^sha512-/)]);
  }
});

test('what the lock file names is got and runs', async () => {
  const { at } = await temporaryDirectory('pnpm');
  await getPnpm(at('pnpm'), lock);
  const { stdout } = await run(at('pnpm/node_modules/.bin/pnpm'), ['--version'], {
    cwd: at('pnpm'),
  });
  expect(stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/);
});

test('a package with another digest is refused before it is unpacked', async () => {
  const { at } = await temporaryDirectory('pnpm');
  await cp(lock, at('lock'), { recursive: true });
  const text = await readFile(at('lock/package-lock.json'), 'utf8');
  const other = `sha512-${Buffer.alloc(64, 1).toString('base64')}`;
  await writeFile(at('lock/package-lock.json'), text.replaceAll(/sha512-[\w+/=]+/g, other));
  await expect(getPnpm(at('pnpm'), at('lock'))).rejects.toThrow(/EINTEGRITY|integrity/);
  expect(await readdir(at('pnpm'))).not.toContain('node_modules');
});
