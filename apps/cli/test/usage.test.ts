import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '@walq/test-support';
import { commandList } from '../dist/command-list.js';
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
    [['show'], "missing required argument 'segment'", 'See walq show --help.'],
    [
      ['restore', 'orders'],
      "required option '--to <dir>' not specified",
      'See walq restore --help.',
    ],
    [
      ['worker', '--concurrency', 'many'],
      'Expected an integer from 1 to 1024.',
      'See walq worker --help.',
    ],
    [['status', '--max-age', 'soon'], 'Expected a duration', 'See walq status --help.'],
    [['archive', '.', '--to', 'x', '--delete'], '--delete needs --up-to', '--up-to'],
    [['archive', '.', '--to', 's3://b/p'], "'s3://b/p' is not an archive", 's3://bucket'],
    [['archive', '.', '--to', 'x', '--source', 'A B'], "'A B' is no name", 'lower-case'],
  ])('%j', async (args, message, hint) => {
    const { code, stdout, stderr } = await walq(args);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^walq: /);
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
    expect(stderr).toContain('code: usage');
    expect(code).toBe(2);
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
        hint: 'Did you mean restore?',
      },
    });
    expect(code).toBe(2);
  });
});

describe('the version', () => {
  it('has a command too', async () => {
    expect(await walq(['version'])).toMatchObject(await walq(['--version']));
    expect(JSON.parse((await walq(['version', '--json'])).stdout)).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
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
