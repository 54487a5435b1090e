import { startProcess, temporaryDirectory } from '@walq/test-support';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { runWalq, walqBin } from '../scene/index.ts';

interface Report {
  readonly machine: { readonly cores: number; readonly fsyncsPerSecond: number };
  readonly contestants: readonly {
    readonly id: string;
    readonly absence?: string;
    readonly runs: readonly { readonly wallMs: number; readonly segments: number }[];
    readonly summary?: { readonly ratio: number; readonly peakBytes: number };
  }[];
}

const tiny = ['--segments', '3', '--segment-bytes', '65536', '--rounds', '1', '--parallelism', '1'];

describe('walq bench', () => {
  it('measures all contestants, verifies what they did, and leaves nothing behind', async () => {
    const { path: directory, at } = await temporaryDirectory('bench');
    await mkdir(at('place'));
    const args = ['bench', ...tiny, '--only', 'contestants', '--dir', at('place')];
    const { code, stdout, stderr } = await runWalq([...args, '--svg', at('a.svg'), '--json'], {
      cwd: directory,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const report = JSON.parse(stdout) as Report;
    expect(report.machine.fsyncsPerSecond).toBeGreaterThan(0);
    const present = report.contestants.filter(({ absence }) => absence === undefined);
    expect(present.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['sync', 'parallel', 'queue-1', 'queue-2']),
    );
    for (const { runs, summary } of present) {
      expect(runs.map(({ segments }) => segments)).toEqual([3]);
      expect(summary?.ratio).toBeGreaterThan(1);
    }
    expect(await readFile(at('a.svg'), 'utf8')).toMatch(/^<svg /);
    expect(await readdir(at('place'))).toEqual([]);
    expect(await readdir(directory)).toEqual(expect.arrayContaining(['a.svg', 'place']));
  });

  it('ends all that it started when it is interrupted', async () => {
    const { path: directory } = await temporaryDirectory('bench');
    const args = ['bench', '--segments', '200', '--segment-bytes', '65536', '--dir', directory];
    const running = await startProcess(process.execPath, [walqBin, ...args]);
    await running.waitForLine(/measuring: /);
    expect((await running.kill('SIGINT')).code).toBe(130);
    expect(await readdir(directory)).toEqual([]);
  });

  it('measures large files, and takes any directory, whose files stay unchanged', async () => {
    const { path: cwd, at } = await temporaryDirectory('bench');
    for (const folder of ['place', 'input']) await mkdir(at(folder));
    const names = Array.from({ length: 6 }, (_, index) => `file-${index}`);
    for (const name of names) await writeFile(at(`input/${name}`), `${name} `.repeat(1000));
    const args = ['bench', ...tiny, '--only', 'large', '--input', at('input')];
    const { code, stdout } = await runWalq([...args, '--dir', at('place')], { cwd });
    expect(stdout).toMatch(/streamed, asynchronous: cleanupUpTo .*\d$/m);
    expect(await readdir(at('input'))).toEqual(names);
    expect(code).toBe(0);
  });
});
