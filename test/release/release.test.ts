import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { redisBinary, startProcess, startRedis, temporaryDirectory } from '@walq/test-support';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const NOBODY = 65_534;

beforeAll(async () => {
  await run(process.execPath, [join(root, 'scripts/release.mjs')], { cwd: root });
});

const isRoot = process.getuid?.() === 0;

/** The tarball, unpacked where nobody may write. */
async function unpacked(): Promise<{ readonly tree: string; readonly home: string }> {
  const directory = await temporaryDirectory('release');
  const names = await readdir(join(root, 'release'));
  const tarball = names.find((name) => name.endsWith('-linux-x64.tar.gz')) ?? '';
  const place = directory.at('opt');
  await mkdir(place);
  await run('tar', ['--extract', '--file', join(root, 'release', tarball), '--directory', place]);
  const [tree = ''] = await readdir(place);
  const home = directory.at('home');
  await mkdir(home);
  await chmod(home, 0o777);
  for (const folder of [directory.path, dirname(directory.path)]) await chmod(folder, 0o755);
  return { tree: join(place, tree), home };
}

/** As a user with no rights elsewhere, a PATH of three folders, and an environment that is empty else. */
async function asNobody(command: string, args: readonly string[], cwd: string) {
  const PATH = [dirname(process.execPath), dirname(await redisBinary()), '/usr/bin', '/bin'].join(
    ':',
  );
  const env = [`PATH=${PATH}`, `HOME=${cwd}`, `TMPDIR=${cwd}`];
  const as = isRoot ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : [];
  const all = ['-i', ...env, ...as, command, ...args];
  const running = await startProcess('env', all, { cwd });
  const { code } = await running.exit;
  return { code, stdout: running.stdout, stderr: running.stderr };
}

test('the tarball runs where there is only Node, as a user without rights', async () => {
  const { tree, home } = await unpacked();
  const walq = join(home, 'walq');
  await symlink(join(tree, 'bin/walq'), walq);
  const version = await asNobody(walq, ['--version'], home);
  const { version: said } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  expect(version).toEqual({ code: 0, stdout: `${said}\n`, stderr: '' });
  const demo = await asNobody(walq, ['demo'], home);
  expect(demo.stdout + demo.stderr).toContain('all of them, identical byte for byte');
  expect(demo.code).toBe(0);
});

test('the command is joined into few files', async () => {
  const { tree } = await unpacked();
  const entries = await readdir(join(tree, 'dist'), { withFileTypes: true });
  expect(entries.filter((entry) => !entry.isFile())).toEqual([]);
  expect(entries.length).toBeLessThan(100);
});

test('it has a manual page and the completion of the shells', async () => {
  const { tree } = await unpacked();
  const page = await readFile(join(tree, 'share/man/man1/walq.1'), 'utf8');
  expect(page).toMatch(/^\.TH WALQ 1 \d{4}-\d\d-\d\d "walq \d/);
  for (const path of [
    'bash-completion/completions/walq',
    'zsh/site-functions/_walq',
    'fish/vendor_completions.d/walq.fish',
  ]) {
    expect(await readFile(join(tree, 'share', path), 'utf8')).toContain('complete-sources');
  }
});

test('it serves the archive page, whole', async () => {
  const { tree } = await unpacked();
  const page = await readdir(join(tree, 'node_modules/@walq/dashboard/dist/page'));
  expect(page).toEqual(expect.arrayContaining(['index.html', 'assets', 'favicon.svg']));
  const directory = await temporaryDirectory('page');
  for (const name of ['wal', 'archive']) await mkdir(directory.at(name));
  const { url } = await startRedis();
  const tables = `redis.url = "${url}"\narchive.url = "archive"\nmetrics.listen = "off"`;
  const source = '[sources.ledger]\ntype = "log"\npath = "wal"\n';
  await writeFile(
    directory.at('walq.toml'),
    `${tables}\ndashboard.listen = "127.0.0.1:0"\n${source}`,
  );
  const running = await startProcess(join(tree, 'bin/walq'), ['dashboard'], {
    cwd: directory.path,
  });
  const { url: address } = JSON.parse(await running.waitForLine(/dashboard ready/)) as {
    readonly url: string;
  };
  expect(await (await fetch(address)).text()).toContain('<title>walq</title>');
  await running.kill('SIGTERM');
});

test('it holds no trace of where it was made, and no tools of developers', async () => {
  const { tree } = await unpacked();
  const { stdout } = await run('find', [tree, '-type', 'l']);
  expect(stdout).toBe('');
  const found = await run('grep', ['--recursive', '--files-with-matches', root, tree]).catch(
    (error: { stdout: string }) => error,
  );
  expect(found.stdout).toBe('');
  for (const name of ['typescript', 'vitest', 'vite', '@types']) {
    expect(await readdir(join(tree, 'node_modules'))).not.toContain(name);
  }
  expect(await readFile(join(tree, 'THIRD-PARTY.txt'), 'utf8')).toMatch(/^bullmq 6.*: MIT$/m);
});

test('the packages are there, with what they need named, and the checksums are right', async () => {
  const release = join(root, 'release');
  await run('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: release });
  const packed = (await readdir(release)).filter((name) => name.endsWith('.tgz'));
  expect(packed).toHaveLength(9);
  const directory = await temporaryDirectory('packages');
  for (const name of packed) {
    const place = directory.at(name);
    await mkdir(place);
    await run('tar', ['--extract', '--file', join(release, name), '--directory', place]);
    const folder = join(place, 'package');
    const text = await readFile(join(folder, 'package.json'), 'utf8');
    expect(text).not.toContain('workspace:');
    expect(await readdir(folder)).toContain('dist');
  }
});
