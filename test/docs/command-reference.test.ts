/** docs/commands.md: each command's exit codes and JSON, as the command prints it, and the environment that walq reads. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startProcess, startRedis, temporaryDirectory } from '@walq/test-support';
import { expect, test } from 'vitest';
import { root } from './blocks.ts';
import { differences, documentedJson } from './json-shapes.ts';

const run = promisify(execFile);
const MINUTES = 60_000;
const walq = join(root, 'apps/cli/bin/walq');
const PAGE = 'docs/commands.md';
const text = await readFile(join(root, PAGE), 'utf8');
const documented = await documentedJson(PAGE, text);

/** Their JSON is measurements or the lines of a log, or they have none. */
const withoutSection = 'demo bench stress up producer worker dashboard help completion man'.split(
  ' ',
);

test('each command that prints JSON has a section', async () => {
  const { stdout } = await run(walq, ['--help']);
  const names = [...stdout.matchAll(/^ {2}([a-z][\w-]*) {2,}[A-Z]/gm)].map(([, name = '']) => name);
  expect(names).toContain('verify');
  const expected = names.filter((name) => !withoutSection.includes(name));
  const sections = [...documented.outputs.keys()].map((name) => name.split(' ')[1]);
  expect(sections).toEqual(expect.arrayContaining(expected));
});

test('each environment variable that walq reads is listed', async () => {
  const { stdout } = await run(
    'git',
    ['ls-files', 'apps/*/src/*', 'apps/cli/bin/*', 'packages/*/src/*'],
    {
      cwd: root,
    },
  );
  const files = stdout.trim().split('\n');
  const sources = await Promise.all(files.map((file) => readFile(join(root, file), 'utf8')));
  const read = sources.flatMap((source) => [
    ...source.matchAll(/\b(?:env|environment)\[?'?\]?\['(?<name>[A-Z][A-Z0-9_]+)'\]/g),
    ...source.matchAll(/\$\{?(?<name>WALQ_[A-Z_]+)/g),
  ]);
  const names = new Set(read.map(({ groups }) => groups?.['name'] ?? ''));
  expect(names.size).toBeGreaterThan(10);
  // Set by walq for a library or a process of its own; PATH has its usual meaning.
  const own = [
    'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED',
    'PATH',
    'WALQ_ARCHIVE__URL',
    'WALQ_WAITING',
  ];
  const missing = [...names].filter((name) => !own.includes(name) && !text.includes(`\`${name}\``));
  expect(missing.filter((name) => !name.includes('__'))).toEqual([]);
});

const TOML = `
[archive]
url = "archive"

[sources.orders]
type = "directory"
path = "orders"
pattern = '^wal-(?<number>\\d+)\\.bin$'
after_archive = "keep"
`;
const ROW = '{"account":1,"branch":"Rue de Rivoli","currency":"EUR","booked":"2026-11-30"}\n';
const segment = (number: number): string => `wal-${String(number).padStart(6, '0')}.bin`;
const objectOf = (number: number): string => `archive/orders/00000000/${segment(number)}.zst`;

/** In order: what is done first, the command, the section and, if it is not 0, the exit code. */
interface Step {
  readonly args: string;
  readonly section?: string;
  readonly before?: () => Promise<unknown>;
  readonly code?: number;
}

test(
  'each command prints the JSON that is documented',
  async () => {
    const { path, at } = await temporaryDirectory('commands');
    const redis = await startRedis();
    const env = { HOME: path, WALQ_REDIS__URL: redis.url };
    await writeFile(at('walq.toml'), TOML);
    await mkdir(at('archive'));
    await mkdir(at('orders'));
    for (let number = 1; number <= 30; number += 1) {
      await writeFile(at(`orders/${segment(number)}`), `${number} ${ROW}`.repeat(50));
    }
    const gap = `${segment(19)}..${segment(21)}`;
    const steps: readonly Step[] = [
      { args: 'version' },
      { args: `mark-flushed orders ${segment(28)}` },
      { args: 'archive orders --source copy --to other', before: () => mkdir(at('other')) },
      { args: 'repair orders --rearchive --dry-run' },
      { args: 'repair orders --rearchive' },
      { args: 'list orders' },
      { args: `show ${segment(2)}` },
      { args: 'verify' },
      { args: 'verify --incremental --max-bytes 1kB', section: 'verify' },
      { args: 'train orders', code: 1 },
      { args: 'status' },
      { args: 'pause orders' },
      { args: 'status' },
      { args: 'resume orders' },
      { args: 'retry orders' },
      { args: 'check' },
      { args: 'check --options' },
      {
        args: 'verify --deep',
        section: 'verify',
        code: 1,
        before: () => truncate(at(objectOf(5)), 40),
      },
      { args: 'repair' },
      {
        args: `repair orders --replace-corrupt ${segment(5)} --dry-run`,
        section: 'repair --rearchive --dry-run',
      },
      { args: `repair orders --replace-corrupt ${segment(5)}`, section: 'repair --rearchive' },
      { args: 'repair --history' },
      { args: 'repair orders --release-all', section: 'repair --release' },
      {
        args: 'repair',
        before: async () => {
          await rm(at(objectOf(20)));
          await rm(at(`orders/${segment(20)}`));
        },
      },
      {
        args: `repair orders --acknowledge-gap ${gap} --reason lost`,
        section: 'repair --acknowledge-gap',
      },
      { args: 'verify' },
      { args: 'restore orders --to restored' },
      { args: 'prune orders --keep-segments 2 --grace 0s --dry-run', section: 'prune' },
      { args: 'prune orders --keep-segments 2 --grace 1s', section: 'prune' },
      { args: 'status' },
    ];
    for (const { args, section = sectionOf(args), before, code = 0 } of steps) {
      await before?.();
      const called = await startProcess(walq, [...args.split(' '), '--json'], { cwd: path, env });
      const ended = await called.exit;
      expect([args, ended.code, called.stderr]).toEqual([args, code, called.stderr]);
      const shape = documented.outputs.get(`walq ${section}`);
      if (shape === undefined) throw new Error(`${PAGE} has no section for walq ${section}`);
      const printed: unknown = JSON.parse(called.stdout);
      expect([args, differences(documented, shape, printed)]).toEqual([args, []]);
    }
  },
  3 * MINUTES,
);

/** The command and its options, without their values and the source. */
function sectionOf(args: string): string {
  const [command = '', ...rest] = args.split(' ');
  if (!['repair', 'check'].includes(command)) return command;
  return [command, ...rest.filter((one) => one.startsWith('--'))].join(' ');
}

test('a failure is the documented object on standard error', async () => {
  const { path } = await temporaryDirectory('failure');
  const called = await startProcess(walq, ['list', '--json'], { cwd: path, env: { HOME: path } });
  const { code } = await called.exit;
  expect([code, called.stdout]).toEqual([1, '']);
  const { error } = JSON.parse(called.stderr) as { readonly error: unknown };
  expect(differences(documented, 'Failure', error)).toEqual([]);
});
