import { eventually, startProcess, temporaryDirectory } from '@walq/test-support';
import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { runWalq, walqBin } from '../scene/index.ts';

interface Report {
  readonly modes: readonly {
    readonly mode: string;
    readonly figures: Readonly<Record<string, number>>;
    readonly runs: readonly {
      readonly atRate: { readonly appends: number };
      readonly fullLoad: { readonly appends: number };
      readonly verified: { readonly records: number; readonly segments: number };
    }[];
  }[];
}

const tiny = ['--seconds', '1', '--rounds', '1', '--rate', '500', '--writers', '2'];

describe('walq stress', () => {
  it('measures every way to archive, reads all records back, and leaves nothing behind', async () => {
    const { path: directory } = await temporaryDirectory('stress');
    const { code, stdout, stderr } = await runWalq(
      ['stress', ...tiny, '--segment-bytes', '262144', '--dir', directory, '--json'],
      { cwd: directory },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { modes } = JSON.parse(stdout) as Report;
    expect(modes.map(({ mode }) => mode)).toEqual(['off', 'synchronous', 'in-process', 'queued']);
    for (const { mode, figures, runs } of modes) {
      expect(Object.values(figures).every((figure) => Number.isFinite(figure))).toBe(true);
      for (const { atRate, fullLoad, verified } of runs) {
        expect(verified.records).toBeGreaterThan(atRate.appends + fullLoad.appends);
        expect(verified.segments > 0).toBe(mode !== 'off');
      }
    }
    expect(await readdir(directory)).toEqual([]);
  });

  it('ends all that it started when it is interrupted', async () => {
    const directory = await temporaryDirectory('stress');
    const args = ['stress', '--seconds', '60', '--dir', directory.path];
    const running = await startProcess(process.execPath, [walqBin, ...args]);
    await eventually(async () => {
      const [root = ''] = await readdir(directory.path);
      expect(await readdir(directory.at(root, 'place/wal'))).not.toEqual([]);
    });
    expect((await running.kill('SIGINT')).code).toBe(130);
    expect(await readdir(directory.path)).toEqual([]);
  });
});
