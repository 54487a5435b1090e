/** A user without home, name or environment, as a container may run under any uid. */
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startProcess, temporaryDirectory } from '@walq/test-support';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ended, walqCommand } from './walq.ts';

const [node, bin] = walqCommand;
const NOBODY_KNOWN = 54_321;
const isRoot = process.getuid?.() === 0;

const toml = `
[archive]
url = "archive"
[sources.ledger]
type = "directory"
path = "wal"
pattern = '^wal-(?<number>\\d+)\\.bin$'
`;

async function place(): Promise<string> {
  // Not below the tests' own directory, which nobody else may enter.
  const root = await mkdtemp('/var/tmp/walq-unusual-user-');
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  await chmod(root, 0o755);
  for (const name of ['wal', 'archive']) await mkdir(join(root, name));
  for (const number of [1, 2, 3])
    await writeFile(join(root, `wal/wal-${number}.bin`), 'x'.repeat(9));
  await writeFile(join(root, 'walq.toml'), toml);
  for (const path of ['', 'wal', 'archive', 'walq.toml']) {
    await chown(join(root, path), NOBODY_KNOWN, NOBODY_KNOWN);
  }
  return root;
}

/** A program that runs commands in one process, and says what each ends with. */
const oneAfterTheOther = (commands: readonly (readonly string[])[]): string => `
import { Interruption } from ${JSON.stringify(dist('command-line/interruption.js'))};
import { runCommandLine } from ${JSON.stringify(dist('command-line/run-command-line.js'))};
for (const args of ${JSON.stringify(commands)}) {
  const code = await runCommandLine(args, new Interruption());
  console.log(args.join(' ') + ' ends with ' + code);
}
`;

const dist = (name: string): string => new URL(`../dist/${name}`, import.meta.url).href;

const asNobodyKnown = (cwd: string, args: readonly string[], env: readonly string[] = []) =>
  nodeAsNobodyKnown(cwd, [bin, ...args], env);

/** No environment but PATH, no home, no entry in /etc/passwd. */
async function nodeAsNobodyKnown(
  cwd: string,
  args: readonly string[],
  env: readonly string[] = [],
) {
  const user = [`--reuid=${NOBODY_KNOWN}`, `--regid=${NOBODY_KNOWN}`, '--clear-groups'];
  const bare = ['env', '-i', `PATH=${process.env['PATH'] ?? ''}`, ...env];
  return ended(await startProcess('setpriv', [...user, ...bare, node, ...args], { cwd }));
}

describe.runIf(isRoot)('a user without home and name', () => {
  it('archives, lists, verifies, restores and repairs', async () => {
    const root = await place();
    const commands = [
      ['mark-flushed', 'ledger', 'wal-2.bin'],
      [
        'archive',
        'wal',
        '--to',
        'archive',
        '--source',
        'ledger',
        '--up-to',
        'wal-2.bin',
        '--pattern',
        '^wal-(?<number>\\d+)\\.bin$',
      ],
      ['list'],
      ['show', 'wal-1.bin'],
      ['verify'],
      ['verify', '--deep'],
      ['restore', 'ledger', '--to', 'restored'],
      ['repair'],
      ['prune', 'ledger', '--keep-segments', '1'],
      ['check', '--options'],
    ];
    const program = join(root, 'commands.mjs');
    await writeFile(program, oneAfterTheOther(commands));
    const { stdout, stderr } = await nodeAsNobodyKnown(root, [program]);
    expect(stderr).not.toMatch(/(bug|fault) in walq/);
    const codes = commands.map((args) => `${args.join(' ')} ends with 0`);
    expect(stdout.split('\n').filter((line) => line.includes(' ends with '))).toEqual(codes);
  });

  it('gets a message that names what is missing if a directory of its own is needed', async () => {
    const root = await place();
    const needy = [
      { args: ['up'], message: 'there is no directory for the private Redis' },
      { args: ['list', '--archive', 's3://bucket/x'], message: 'unable to stage objects' },
    ];
    for (const { args, message } of needy) {
      const { code, stderr } = await asNobodyKnown(root, args);
      expect(stderr).toContain(message);
      expect(stderr).toContain(`user ${NOBODY_KNOWN} has no home directory`);
      expect(stderr).toContain('STATE_DIRECTORY');
      expect(code).toBe(1);
    }
  });

  it('gets the hint to set TMPDIR if it may not write there', async () => {
    const root = await place();
    const { code, stderr } = await asNobodyKnown(root, ['demo'], ['TMPDIR=/proc']);
    expect(stderr).toContain('Set TMPDIR to a directory that this user may write.');
    expect(code).toBe(1);
  });

  it('does not write into the working directory for a relative HOME', async () => {
    const root = await place();
    const env = ['HOME=home', 'XDG_STATE_HOME=state', 'XDG_CACHE_HOME=cache'];
    const { stderr } = await asNobodyKnown(root, ['up'], env);
    expect(stderr).toContain('there is no directory for the private Redis');
  });
});

it('a working directory that is gone is named, and is no fault of walq', async () => {
  const directory = await temporaryDirectory('cli');
  const script = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" "$@"';
  const args = ['-c', script, ...walqCommand, 'demo'];
  const running = await startProcess('sh', args, { cwd: directory.path });
  expect(await running.exit).toMatchObject({ code: 2 });
  expect(running.stderr).toContain('the working directory does not exist any more');
});
