/** README and docs/start.md from the first command to the last; the programs of docs/embed.md and docs/FORMAT.md. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { redisBinary, startProcess, temporaryDirectory } from '@walq/test-support';
import { expect, test } from 'vitest';
import { blocksOf, commandsOf, masked, root, shownBy, type Block } from './blocks.ts';
import { compileOutside } from './outside-project.ts';

const MINUTES = 60_000;

/** These build and test the repository itself: other suites do that. */
const ofRepository = ['npm start', 'npm test', 'npm run setup'];

async function newHome() {
  const directory = await temporaryDirectory('docs');
  await mkdir(directory.at('node_modules/.bin'), { recursive: true });
  await symlink(join(root, 'apps/cli/bin/walq'), directory.at('node_modules/.bin/walq'));
  return directory;
}

/** Runs a shell script to its end, in its own namespaces. */
async function runOnHost(home: string, script: string): Promise<string> {
  const PATH = `${home}/node_modules/.bin:${process.env['PATH'] ?? ''}`;
  const args = ['--mount', '--net', 'sh', join(import.meta.dirname, 'host.sh'), home, script];
  const running = await startProcess('unshare', args, { env: { PATH, HOME: home } });
  const { code } = await running.exit;
  const said = running.stdout + running.stderr;
  expect([code, said]).toEqual([0, said]);
  return said;
}

/** A block as part of a script. */
async function piece(block: Block): Promise<string> {
  const { language, text } = block;
  if (language === 'toml') return `cat >walq.toml <<'END'\n${text}END`;
  if (language !== 'console' && language !== 'sh') return '';
  const commands = commandsOf(block).filter(
    (one) => !ofRepository.some((own) => one.startsWith(own)),
  );
  return commands.map(asRun).join('\n');
}

/** Roles run in the background, and `walq status` is retried until they are ready. */
function asRun(command: string): string {
  if (/^walq (?:up|worker|producer|dashboard)\b/.test(command)) return inBackground(command);
  return command.startsWith('walq status') ? `until ${command}; do sleep 0.2; done` : command;
}

const inBackground = (command: string): string =>
  `{ ${command.replace(/ #.*$/, '')} & }; roles="\${roles-} $!"`;

/** What `walq status` counts depends on when it is called. */
const isOfTheMoment = /^(?:ledger|worker) {2}/;

const endRoles = 'kill $roles; wait $roles';
const compareRestored = `
for number in 38 39 40 41; do
  cmp /srv/originals/wal-0000$number.bin /var/lib/ledger/restored/wal-0000$number.bin
done`;

const awaitArchived = `
until zstd -dc /srv/wal-archive/ledger/00000000/wal-000041.bin.zst | cmp - /srv/originals/wal-000041.bin; do
  sleep 0.2
done`;

test.each([
  ['README.md', awaitArchived],
  ['docs/start.md', compareRestored],
])(
  '%s can be followed from its first command to its last',
  async (page, proof) => {
    const { path } = await newHome();
    const blocks = await blocksOf(page);
    const pieces = await Promise.all(blocks.map(piece));
    const script = [...pieces, proof, endRoles].join('\n');
    expect(script).toContain('walq up');
    const said = masked(await runOnHost(path, script));
    for (const line of blocks.filter(({ language }) => language === 'console').flatMap(shownBy)) {
      if (!isOfTheMoment.test(line)) expect(said).toContain(masked(line));
    }
  },
  3 * MINUTES,
);

test(
  'the TypeScript of docs/embed.md compiles and runs in a project of its own',
  async () => {
    const { path, at } = await newHome();
    const programs = (await blocksOf('docs/embed.md')).filter(({ language }) => language === 'ts');
    expect(programs.length).toBeGreaterThan(3);
    const texts = Object.fromEntries(programs.map(({ text }, index) => [`block-${index}`, text]));
    const compiled = await compileOutside(path, texts);
    const toml =
      (await blocksOf('README.md')).find(({ language }) => language === 'toml')?.text ?? '';
    await writeFile(at('walq.toml'), toml);
    const redis = `${await redisBinary()} --port 6379 --save '' >redis.log`;
    const script = [
      'mkdir /srv/wal-archive',
      inBackground(redis),
      'export WALQ_REDIS__URL=redis://127.0.0.1:6379',
      inBackground('walq worker >worker.log'),
      ...compiled.map((file) => `timeout 60 node ${file}`),
      'zstd -dc /srv/wal-archive/ledger/00000000/wal-000041.bin.zst | cmp - /srv/originals/wal-000041.bin',
      endRoles,
    ];
    await runOnHost(path, script.join('\n'));
  },
  3 * MINUTES,
);

test(
  'the Python of FORMAT.md marks a source, and says so where there is none yet',
  async () => {
    const { path, at } = await newHome();
    const [program] = (await blocksOf('docs/FORMAT.md')).filter(
      ({ language }) => language === 'python',
    );
    const toml =
      (await blocksOf('README.md')).find(({ language }) => language === 'toml')?.text ?? '';
    await writeFile(at('walq.toml'), toml);
    await writeFile(
      at('mark.py'),
      `${program?.text ?? ''}\nimport sys\nprint(mark_flushed(*sys.argv[1:]))\n`,
    );
    const said = await runOnHost(
      path,
      `python3 mark.py /var/lib/ledger/wal wal-000040.bin
walq mark-flushed ledger wal-000039.bin
python3 mark.py /var/lib/ledger/wal wal-000041.bin
walq status --json`,
    );
    expect(said).toMatch(/^False\n/);
    expect(said).toContain('\nTrue\n');
    expect(said).toMatch(/"dueSegments": ?4/);
  },
  MINUTES,
);
