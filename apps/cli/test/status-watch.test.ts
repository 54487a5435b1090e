import { startProcess, temporaryDirectory } from '@walq/test-support';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { expect, it, vi } from 'vitest';
import { startWalq, walq, walqCommand } from './walq.ts';

async function withSource() {
  const directory = await temporaryDirectory('watch');
  await mkdir(directory.at('wal'));
  await mkdir(directory.at('archive'));
  for (const number of [1, 2, 3]) await writeFile(directory.at('wal', `wal-${number}`), 'segment');
  const table = `archive.url = "archive"
    [sources.ledger]
    type = "directory"
    path = "wal"
    pattern = '^wal-(?<number>\\d+)$'`;
  await writeFile(directory.at('walq.toml'), table);
  const mark = (segment: string) =>
    walq(['mark-flushed', 'ledger', segment], { cwd: directory.path });
  await mark('wal-1');
  return { directory, mark };
}

const dueIn = (line: string): number =>
  (JSON.parse(line) as { sources: { ledger: { dueSegments: number } } }).sources.ledger.dueSegments;

it('walq status --watch shows changes until it is interrupted', async () => {
  const { directory, mark } = await withSource();
  const args = ['status', '--json', '--watch', '1s'];
  const watch = await startWalq(args, { cwd: directory.path });
  await watch.waitForLine((line) => dueIn(line) === 1);
  await mark('wal-2');
  await watch.waitForLine((line) => dueIn(line) === 2);
  expect(await watch.kill('SIGINT')).toEqual({ code: null, signal: 'SIGINT' });
});

it('walq status --watch prints each status after its time when stdout is not a terminal', async () => {
  const { directory } = await withSource();
  const watch = await startWalq(['status', '--watch', '1s'], { cwd: directory.path });
  await watch.waitForLine(/^SOURCE/);
  await watch.kill('SIGINT');
  expect(watch.stdout).toMatch(/^\n\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\nSOURCE/);
  // oxlint-disable-next-line no-control-regex -- the test asserts that there is none
  expect(watch.stdout).not.toMatch(/\u001B/);
});

it('walq status --watch redraws a screen of its own at a terminal, and Ctrl-C brings the one before back', async () => {
  const { directory } = await withSource();
  const command = [...walqCommand, 'status', '--watch', '500ms'].map((part) => `'${part}'`);
  const args = ['--quiet', '--return', '--command', `exec ${command.join(' ')}`, '/dev/null'];
  const terminal = await startProcess('script', args, { cwd: directory.path });
  await vi.waitFor(() => expect(terminal.stdout.split('SOURCE')).toHaveLength(3), 30_000);
  const children = await readFile(`/proc/${terminal.pid}/task/${terminal.pid}/children`, 'utf8');
  process.kill(Number(children.trim()), 'SIGINT');
  expect(await terminal.exit).toMatchObject({ code: 130 });
  const [open, close] = ['\x1B[?1049h\x1B[?25l', '\x1B[?25h\x1B[?1049l'];
  expect(terminal.stdout.startsWith(open)).toBe(true);
  expect(terminal.stdout.trimEnd().endsWith(close)).toBe(true);
  expect(terminal.stdout).not.toContain('\x1B[2J');
  expect(terminal.stdout).not.toContain('SIGINT');
});
