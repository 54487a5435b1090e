import { freePort, startProcess, temporaryDirectory } from '@walq/test-support';
import { mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { walqCommand } from './walq.ts';

/** A producer that runs until it has said that Redis is away, and the lines it wrote. */
async function linesOf(toCommand: (command: string[]) => string[], format = '') {
  const directory = await temporaryDirectory('logging');
  await mkdir(directory.at('wal'));
  const table = `redis.url = "redis://127.0.0.1:${await freePort()}"
    metrics.listen = "off"
    archive.url = "archive"
    ${format}
    [sources.hostile]
    type = "directory"
    path = "wal\\u009B31m\\u202Eevil"
    pattern = '(?<number>\\d+)'
    [sources.ledger]
    type = "log"
    path = "wal"`;
  await writeFile(directory.at('walq.toml'), table);
  const [program = '', ...args] = toCommand([...walqCommand, 'producer']);
  const producer = await startProcess(program, args, { cwd: directory.path });
  await producer.waitForLine(/is not available/);
  await producer.waitForLine(/evil/);
  await producer.kill('SIGTERM');
  return producer.stdout.trimEnd().split(/\r?\n/);
}

const UNSAFE = /[\u0080-\u009F\u202E]/;

describe('the log of a role', () => {
  it('is JSON with ISO times where its output is no terminal', async () => {
    const lines = await linesOf((command) => command);
    for (const line of lines) {
      const { time, level } = JSON.parse(line) as { time: string; level: number };
      expect(new Date(time).toISOString()).toBe(time);
      expect(level).toBeGreaterThanOrEqual(30);
      expect(line).not.toMatch(UNSAFE);
    }
    expect(lines.join('\n')).toContain(String.raw`\u009b31m\u202eevil`);
  });

  it('is lines for people with log.format = "text", one for each message', async () => {
    const lines = await linesOf((command) => command, 'log.format = "text"');
    for (const line of lines) {
      expect(line).toMatch(/^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\] (INFO|WARN|ERROR): \S/);
      expect(line).not.toMatch(UNSAFE);
    }
    expect(lines.join('\n')).toMatch(/WARN: Redis .* is not available.*ECONNREFUSED/);
  });

  it('is such lines at a terminal too, at the level that --log-level gives', async () => {
    const lines = await linesOf((command) => [
      'script',
      '--quiet',
      '--return',
      '--command',
      `exec ${[...command, '--log-level', 'warn'].map((part) => `'${part}'`).join(' ')}`,
      '/dev/null',
    ]);
    expect(lines.join('\n')).toMatch(/^\[[^\]]+\] WARN: /m);
    expect(lines.join('\n')).not.toContain('INFO: ');
  });
});
