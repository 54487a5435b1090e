import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { temporaryDirectory } from '@walq/test-support';
import { expect, it } from 'vitest';
import { walq } from './walq.ts';

const HOUR_S = 3_600;

/** Segment 1 is due, and was last written an hour ago. */
async function dueForAnHour(): Promise<string> {
  const directory = await temporaryDirectory('cli');
  for (const name of ['wal', 'archive']) await mkdir(directory.at(name));
  for (const number of [1, 2]) await writeFile(directory.at('wal', `wal-${number}`), 'segment');
  const hourAgo = Date.now() / 1_000 - HOUR_S;
  await utimes(directory.at('wal', 'wal-1'), hourAgo, hourAgo);
  const source = `type = "directory"\npath = "wal"\npattern = '^wal-(?<number>\\d+)$'`;
  await writeFile(
    directory.at('walq.toml'),
    `archive.url = "archive"\n[sources.ledger]\n${source}\n`,
  );
  const marked = await walq(['mark-flushed', 'ledger', 'wal-1'], { cwd: directory.path });
  expect(marked).toMatchObject({ code: 0 });
  return directory.path;
}

it('status --max-age exits 1 if a segment has been due for longer, in any unit, and 0 if not', async () => {
  const cwd = await dueForAnHour();
  const ages = ['59m', '3540s', '61m', '3660s', '2h', '1d'];
  const ended = await Promise.all(ages.map((age) => walq(['status', '--max-age', age], { cwd })));
  expect(ended.map(({ code }) => code)).toEqual([1, 1, 0, 0, 0, 0]);
  const { stdout } = await walq(['status', '--json'], { cwd });
  const { sources } = JSON.parse(stdout) as { sources: { ledger: { oldestDueAgeMs: number } } };
  expect(sources.ledger.oldestDueAgeMs).toBeGreaterThanOrEqual(HOUR_S * 1_000);
  expect(sources.ledger.oldestDueAgeMs).toBeLessThan(HOUR_S * 1_000 + 600_000);
});
