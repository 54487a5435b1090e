import { startProcess, temporaryDirectory } from '@walq/test-support';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { runWalq, walqBin } from '../scene/index.ts';

interface Contestant {
  readonly id: string;
  readonly absence?: string;
  readonly runs: readonly { readonly segments: number }[];
  readonly summary?: { readonly ratio: number; readonly peakBytes: number };
}

interface Report {
  readonly isOwnInput: boolean;
  readonly machine: { readonly cores: number; readonly fsyncsPerSecond: number };
  readonly segments: readonly { readonly id: string; readonly contestants: Contestant[] }[];
}

const tiny = ['--segments', '3', '--segment-bytes', '65536', '--rounds', '1', '--parallelism', '1'];

describe('walq bench', () => {
  it('measures all contestants, verifies what they did, and leaves nothing behind', async () => {
    const { path: directory, at } = await temporaryDirectory('bench');
    await mkdir(at('place'));
    const args = ['bench', ...tiny, '--dir', at('place'), '--svg', at('a.svg'), '--json'];
    const { code, stdout, stderr } = await runWalq(args, { cwd: directory });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const report = JSON.parse(stdout) as Report;
    expect(report.machine.fsyncsPerSecond).toBeGreaterThan(0);
    expect(report.isOwnInput).toBe(true);
    const [set] = report.segments;
    const present = set?.contestants.filter(({ absence }) => absence === undefined) ?? [];
    expect(present.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['bare', 'sync', 'parallel', 'queue-1', 'queue-2']),
    );
    for (const { runs, summary } of present) {
      expect(runs.map(({ segments }) => segments)).toEqual([3]);
      expect(summary?.ratio).toBeGreaterThan(1);
    }
    expect(await readFile(at('a.svg'), 'utf8')).toMatch(/^<svg /);
    expect(await readdir(at('place'))).toEqual([]);
    expect(await readdir(directory)).toEqual(expect.arrayContaining(['a.svg', 'place']));
  });

  it('shows the results of flushes, latency and commands first, each with its goal', async () => {
    const { path: directory } = await temporaryDirectory('bench');
    const parts = ['flushes', 'latency', 'commands'];
    const args = ['bench', '--short', '--only', ...parts, '--dir', directory];
    const { code, stdout } = await runWalq(args, { cwd: directory });
    expect(code).toBe(0);
    expect(stdout.trimStart()).toMatch(/^Results of a short run/);
    for (const what of [
      'a flush of 5 files of 0.484 MB, queue',
      'a flush of 5 files of 2 MB, queue',
      'one segment of 64 KiB on an idle system',
      'wal-push, answered from a marker',
      'wal-fetch, answered from a prefetched file',
      'flushed(), 10,000 a second',
      'walq status',
      'walq worker, ready',
    ]) {
      expect(stdout).toMatch(new RegExp(`\\| ${escaped(what)}.*\\d.* (yes|no) +\\|`));
    }
    expect(await readdir(directory)).toEqual([]);
  });

  it('ends all that it started when it is interrupted', async () => {
    const { path: directory } = await temporaryDirectory('bench');
    const args = ['bench', '--segments', '200', '--segment-bytes', '65536', '--dir', directory];
    const running = await startProcess(process.execPath, [walqBin, ...args]);
    await running.waitForLine(/measuring: /);
    expect((await running.kill('SIGINT')).code).toBe(130);
    expect(await readdir(directory)).toEqual([]);
    expect(await processesOf(directory)).toEqual([]);
  });

  it('takes any directory, says so, and leaves its files unchanged', async () => {
    const { path: cwd, at } = await temporaryDirectory('bench');
    for (const folder of ['place', 'input']) await mkdir(at(folder));
    const names = Array.from({ length: 6 }, (_, index) => `file-${index}`);
    for (const name of names) await writeFile(at(`input/${name}`), `${name} `.repeat(1000));
    const own = ['--input', at('input'), '--rounds', '1', '--parallelism', '1'];
    const args = ['bench', ...own, '--only', 'memory', '--dir', at('place')];
    const { code, stdout } = await runWalq(args, { cwd });
    expect(stdout).toMatch(/of the reader’s own/);
    expect(stdout).toMatch(/\| +5 \| +\d+/);
    expect(stdout).not.toContain('to reach');
    expect(await readdir(at('input'))).toEqual(names);
    expect(code).toBe(0);
  });
});

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** Command lines of processes that name this directory. */
async function processesOf(directory: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => ''));
  return (await Promise.all(lines)).filter((line) => line.includes(directory));
}
