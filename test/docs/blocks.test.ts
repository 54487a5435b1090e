/** Each code block is valid in its language, and walq accepts each of its own commands. */
import { execFile } from 'node:child_process';
import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadConfig } from '@walq/config';
import { nodeDisk } from '@walq/wal-core/internal';
import { startProcess, temporaryDirectory } from '@walq/test-support';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { allBlocks, commandsOf, root, type Block } from './blocks.ts';

const run = promisify(execFile);
const walq = join(root, 'apps/cli/bin/walq');
const blocks = await allBlocks();
const inLanguage = (...languages: string[]): readonly Block[] =>
  blocks.filter(({ language }) => languages.includes(language));

/** `text` is output, a picture or a tree: nothing to run. */
const languages = ['text', 'console', 'sh', 'ts', 'python', 'toml', 'json', 'yaml', 'ini', 'cron'];

/** Programs that a host may lack: only the shell syntax of their commands is checked. */
const others =
  `apt-get aws barman docker kubectl mc patronictl pgbackrest ssh systemctl systemd-sysusers
  systemd-tmpfiles`.split(/\s+/);

/** Programs of every host, and of PostgreSQL and Redis. */
const known =
  `cat cd chmod chown cp crontab curl echo export for git head install ln ls mkdir mv openssl promtool rm
  runuser setpriv su sudo tar touch zstd createdb initdb pg_basebackup pg_ctl pg_ctlcluster pg_rewind pgbench psql
  redis-cli`.split(/\s+/);

describe('every block', () => {
  test('names its language', () => {
    const unknown = blocks.filter(({ language }) => !languages.includes(language));
    expect(unknown.map(({ at, language }) => `${at} ${language}`)).toEqual([]);
    expect(blocks.length).toBeGreaterThan(60);
  });

  test('of a shell parses, and has known commands only', async () => {
    for (const block of inLanguage('sh', 'console')) {
      const commands = commandsOf(block);
      expect([block.at, commands.length]).not.toEqual([block.at, 0]);
      await run('bash', ['-n', '-c', commands.join('\n')]);
      for (const command of commands) {
        const [first = ''] = command.replace(/^(\w+=\S* )+/, '').split(/\s/);
        const name = first.split('/').at(-1) ?? '';
        const isOurs = ['walq', 'npm', 'node', 'npx'].includes(name) || name.endsWith('.sh');
        const isKnown =
          isOurs || others.includes(name) || known.includes(name) || name.startsWith('#');
        expect([block.at, command, isKnown]).toEqual([block.at, command, true]);
      }
    }
  });

  test.each(inLanguage('toml').map((block) => [block.at, block] as const))(
    'of TOML is a configuration that walq accepts: %s',
    async (_, { text }) => {
      const { path, at } = await temporaryDirectory('toml');
      await writeFile(at('ca.pem'), 'a certificate');
      await writeFile(at('walq.toml'), text.replace(/^(ca_file = ).*?( *#.*)?$/gm, '$1"ca.pem"'));
      const env = /^\s*url = |^archive\.url/m.test(text) ? {} : { WALQ_ARCHIVE__URL: '/archive' };
      await loadConfig({ disk: nodeDisk, cwd: path, env, secretsOf: [] });
    },
  );

  test('of JSON and YAML parses', () => {
    for (const { at, text } of inLanguage('json')) expect([at, isJson(text)]).toEqual([at, true]);
    for (const { text } of inLanguage('yaml')) parse(text);
  });
});

/** One or more values, each starting on its own line. */
const isJson = (text: string): boolean =>
  text
    .trim()
    .split(/\n(?=\{)/)
    .every(isValue);

function isValue(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const FILE = '000000010000000000000001';

const words = async (command: string): Promise<string[]> => {
  const simple = command.split(/ (?:&&|\|\||\||;|>|2>) /)[0] ?? '';
  const { stdout } = await run('bash', ['-c', `set -f -- ${simple}\nprintf '%s\\0' "$@"`]);
  const given = stdout.split('\0').slice(0, -1);
  // PostgreSQL replaces these.
  return given.map((one) => one.replaceAll('%f', FILE).replaceAll('%p', `pg_wal/${FILE}`));
};

/** All calls of walq: in shell blocks, and in PostgreSQL's settings. */
async function calls(): Promise<readonly { readonly at: string; readonly args: string[] }[]> {
  const found: { at: string; args: string[] }[] = [];
  const isCall = /^(?:\S*\/)?walq /;
  for (const block of inLanguage('sh', 'console')) {
    for (const command of commandsOf(block).filter((one) => isCall.test(one))) {
      found.push({ at: block.at, args: (await words(command)).slice(1) });
    }
  }
  for (const { at, text } of inLanguage('ini', 'yaml', 'cron')) {
    for (const [command] of text.matchAll(/walq (?:wal-|prune |verify )[^'\n;&]*/g)) {
      found.push({ at, args: (await words(command)).slice(1) });
    }
  }
  return found;
}

/** These need no configuration and run for long: their options are checked against their help. */
const long = ['demo', 'bench', 'stress'];

test('walq accepts the arguments of each of its commands', async () => {
  const { path } = await temporaryDirectory('calls');
  const env = { WALQ_CONFIG: join(path, 'none.toml'), HOME: path, STATE_DIRECTORY: path };
  for (const { at, args } of await calls()) {
    const [name = ''] = args;
    const isLong = long.includes(name);
    const asked = isLong ? [name, '--help'] : args;
    const called = await startProcess(walq, asked, { cwd: path, env });
    await called.exit;
    const said = called.stdout + called.stderr;
    expect([at, args.join(' '), said]).toEqual([
      at,
      args.join(' '),
      expect.not.stringContaining('code: usage'),
    ]);
    if (!isLong) continue;
    for (const option of args.filter((one) => one.startsWith('--'))) expect(said).toContain(option);
  }
}, 300_000);

test('every named script and program of walq exists', async () => {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const builtIn = ['start', 'test', 'install', 'ci'];
  for (const block of inLanguage('sh', 'console')) {
    for (const command of commandsOf(block)) {
      const [, script] = /^npm (?:run )?([\w:]+)/.exec(command) ?? [];
      if (script !== undefined) expect([...Object.keys(scripts), ...builtIn]).toContain(script);
      const [, program] = /^node ((?:--\S+ )*[\w./-]+\.m?js)/.exec(command) ?? [];
      if (program !== undefined) await access(join(root, program.replace(/^(--\S+ )*/, '')));
    }
  }
});
