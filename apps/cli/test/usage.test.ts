import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '@walq/test-support';
import { walq } from './walq.ts';

const commands = [
  'demo',
  'up',
  'producer',
  'worker',
  'dashboard',
  'archive',
  'mark-flushed',
  'status',
  'list',
  'show',
  'verify',
  'restore',
  'check',
  'bench',
  'stress',
];

describe('help', () => {
  it('lists every command', async () => {
    const { code, stdout } = await walq(['--help']);
    expect(code).toBe(0);
    for (const command of commands) expect(stdout).toContain(`  ${command}`);
  });

  it.each(commands)('of %s has an example, and the options that all share', async (command) => {
    const { code, stdout } = await walq([command, '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples?:\\n {2}\\$ walq ${command}`));
    expect(stdout).toContain('--config');
    expect(stdout).toContain('--json');
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

describe('--version', () => {
  it('loads neither the queue nor the codec', async () => {
    const directory = await temporaryDirectory('trace');
    const env = { NODE_DEBUG: 'module,esm', NODE_V8_COVERAGE: directory.at('coverage') };
    const { code, stdout } = await walq(['--version'], { env });
    expect(code).toBe(0);
    expect(stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/);
    const { readFile, readdir } = await import('node:fs/promises');
    const [file = ''] = await readdir(directory.at('coverage'));
    const loaded = await readFile(directory.at('coverage', file), 'utf8');
    expect(loaded).toContain('commander');
    expect(loaded).not.toMatch(/bullmq|ioredis|zstd|piscina/);
  });
});
