import { startProcess, temporaryDirectory } from '@walq/test-support';
import { mkdir, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { walq, walqCommand } from './walq.ts';

async function archived(count: number) {
  const directory = await temporaryDirectory('list');
  await mkdir(directory.at('wal'));
  await mkdir(directory.at('archive'));
  for (let number = 1; number <= count; number += 1) {
    const bytes = number === 1 ? 40 : 2_000_000;
    await writeFile(directory.at('wal', `wal-${number}`), Buffer.alloc(bytes, 'walq'));
  }
  const args = ['archive', 'wal', '--to', 'archive', '--source', 'orders'];
  expect((await walq([...args, '--skip-newest', '0'], { cwd: directory.path })).code).toBe(0);
  return directory;
}

const LIST = ['list', '--archive', 'archive'];

it('prints a summary, then a table with one unit in each column of sizes', async () => {
  const { path: cwd } = await archived(3);
  const { stdout, stderr } = await walq(LIST, { cwd });
  const [summary = '', range = '', heading = '', ...rows] = stdout.trimEnd().split('\n');
  expect(summary).toMatch(/^orders: 3 segments, 4\.00 MB stored in .* \(\d[\d.]*×\)$/);
  expect(range).toMatch(/^wal-1 to wal-3, last archived at \d{4}-/);
  expect(heading).toMatch(/^SOURCE {2}SEGMENT +BYTES +STORED +RATIO +ARCHIVED$/);
  expect(rows).toHaveLength(3);
  expect(rows[0]).toMatch(/^orders {2}wal-1 +0\.00 MB /);
  expect(rows[2]).toMatch(/^orders {2}wal-3 +2\.00 MB /);
  expect(stderr).toBe('');
});

it('--limit lists the newest segments, and says how many are older', async () => {
  const { path: cwd } = await archived(5);
  const { stdout, stderr } = await walq([...LIST, '--limit', '2'], { cwd });
  expect(stdout).toMatch(/^orders: 5 segments/);
  expect(stdout.match(/^orders {2}wal-\d/gm)).toEqual(['orders  wal-4', 'orders  wal-5']);
  expect(stderr).toBe(
    '3 older segments not shown: list more with --limit, or a part with --until\n',
  );
  const json = await walq([...LIST, '--limit', '2', '--json'], { cwd });
  const listed = JSON.parse(json.stdout) as { segment: string }[];
  expect(listed.map(({ segment }) => segment)).toEqual(['wal-4', 'wal-5']);
});

it('has a limit of its own at a terminal alone', async () => {
  const { path: cwd } = await archived(51);
  const command = [...walqCommand, ...LIST].map((part) => `'${part}'`).join(' ');
  const args = ['--quiet', '--return', '--command', `exec ${command}`, '/dev/null'];
  const terminal = await startProcess('script', args, { cwd });
  await terminal.exit;
  expect(terminal.stdout.match(/^orders {2}wal-/gm)).toHaveLength(50);
  expect(terminal.stdout).toContain('1 older segment not shown');
  const { stdout } = await walq(LIST, { cwd });
  expect(stdout.match(/^orders {2}wal-/gm)).toHaveLength(51);
});
