import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '@walq/test-support';
import { commandList } from '../dist/command-line/command-list.js';
import { createProgram, defineCommand } from '../dist/command-line/program.js';
import { walq, walqProcess } from './walq.ts';

const commands = commandList.filter(({ isHidden }) => isHidden !== true).map(({ name }) => name);

describe('help', () => {
  it('lists every command', async () => {
    const { code, stdout } = await walq(['--help']);
    expect(code).toBe(0);
    for (const command of commands) expect(stdout).toContain(`  ${command}`);
    expect(await walq(['help'])).toMatchObject({ code: 0, stdout });
  });

  it.each(commands)('of %s has an example and the options that all share', async (command) => {
    const { code, stdout: help, stderr } = await walq([command, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(help).toMatch(new RegExp(`Examples?:\\n {2}(\\$ walq ${command}|.*walq ${command})`));
    expect(help).toContain('--config');
    expect(help).toContain('--json');
    expect((await walq(['help', command])).stdout).toBe(help);
  });

  it('groups the commands by task', async () => {
    const { stdout } = await walq(['help']);
    const order = [
      'Run:',
      'Archive now:',
      'PostgreSQL:',
      'Read the archive:',
      'Maintain',
      'Measure:',
    ];
    const found = order.map((heading) => stdout.indexOf(`\n${heading}`));
    expect(found).not.toContain(-1);
    expect(found).toEqual(found.toSorted((a, b) => a - b));
  });

  it('of each command has examples that its options and arguments accept', async () => {
    const program = createProgram();
    for (const one of program.commands) await defineCommand(one);
    for (const { name, load, isHidden } of commandList) {
      const { command } = await load();
      if (isHidden !== true) expect([name, command.examples]).not.toEqual([name, []]);
      for (const example of command.examples) {
        const [, line = ''] = /\bwalq ([^'|)]*)/.exec(example) ?? [];
        const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(
          ([, quoted, word]) => quoted ?? word ?? '',
        );
        expect([example, words[0]]).toEqual([example, name]);
        for (const one of program.commands) one.action(() => undefined);
        const parsed = program.parseAsync(words, { from: 'user' }).then(() => 'accepted', String);
        expect([example, await parsed]).toEqual([example, 'accepted']);
      }
    }
  });

  it('of what is no command names the nearest', async () => {
    const { code, stderr } = await walq(['help', 'restor']);
    expect(code).toBe(2);
    expect(stderr).toContain('Did you mean restore?');
  });
});

describe('wrong usage exits with 2 and says what to do', () => {
  it.each([
    [['restor'], "unknown command 'restor'", 'Did you mean restore?'],
    [['verify', '--dep'], "unknown option '--dep'", 'Did you mean --deep?'],
    [['show'], "missing required argument 'segment'", "Run 'walq show --help'."],
    [
      ['restore', 'orders'],
      "required option '--to <dir>' not specified",
      "Run 'walq restore --help'.",
    ],
    [
      ['worker', '--concurrency', 'many'],
      'Expected an integer from 1 to 1024.',
      "Run 'walq worker --help'.",
    ],
    [['status', '--max-age', 'soon'], 'Expected a duration', "Run 'walq status --help'."],
    [['archive', '.', '--to', 'x', '--delete'], '--delete requires --up-to', '--up-to'],
    [['archive', '.', '--to', 's3://b/p'], "'s3://b/p' is not an archive", 's3://bucket'],
    [
      ['archive', '.', '--to', 'x', '--source', 'A B'],
      "'A B' is not a valid source name",
      'lower-case',
    ],
  ])('%j', async (args, message, hint) => {
    const { code, stdout, stderr } = await walq(args);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^walq: /);
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
    expect(stderr).toMatch(/^ {2}code: usage, see docs\/errors\.md#usage$/m);
    expect(code).toBe(2);
  });

  it('shows the usage line of the command that was called, and of no other', async () => {
    const { stderr } = await walq(['verify', '--dep']);
    expect(stderr).toBe(
      [
        "walq: unknown option '--dep'",
        '  usage: walq verify [options] [source]',
        "  hint: Did you mean --deep? Run 'walq verify --help'.",
        '  code: usage, see docs/errors.md#usage',
        '',
      ].join('\n'),
    );
    const contradiction = await walq(['archive', '.', '--to', 'x', '--delete']);
    expect(contradiction.stderr).toContain('\n  usage: walq archive [options] <dir>\n');
    expect((await walq(['restor'])).stderr).toContain('\n  usage: walq [options] [command]\n');
  });

  it('without a command, with the help', async () => {
    const { code, stderr } = await walq([]);
    expect(code).toBe(2);
    expect(stderr).toContain('Usage: walq');
  });

  it('as JSON with --json', async () => {
    const { code, stderr } = await walq(['restor', '--json']);
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: 'usage',
        message: "unknown command 'restor'",
        hint: "Did you mean restore? Run 'walq --help'.",
      },
    });
    expect(code).toBe(2);
  });
});

describe('the version', () => {
  it('has a command too', async () => {
    const { stdout: short } = await walq(['--version']);
    expect((await walq(['version'])).stdout).toMatch(`walq ${short}`);
    expect(JSON.parse((await walq(['version', '--json'])).stdout)).toEqual({
      version: short.trim(),
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      zstd: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      format: 1,
    });
  });

  it('loads neither the queue nor the codec', async () => {
    const directory = await temporaryDirectory('trace');
    const env = { NODE_DEBUG: 'module,esm', NODE_V8_COVERAGE: directory.at('coverage') };
    const { code, stdout } = await walqProcess(['--version'], { env });
    expect(code).toBe(0);
    expect(stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/);
    const [file = ''] = await readdir(directory.at('coverage'));
    const loaded = await readFile(directory.at('coverage', file), 'utf8');
    expect(loaded).toContain('commander');
    expect(loaded).not.toMatch(/bullmq|ioredis|zstd|thread-pool/);
  });
});
