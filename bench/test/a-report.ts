import type { Run, Standing } from '../src/measure/measure-rounds.ts';
import { summarize } from '../src/measure/summary.ts';
import { figuresOf } from '../src/original.ts';
import type { BenchReport } from '../src/run-bench.ts';

export const run = (wallMs: number, peakBytes = 10): Run => ({
  wallMs,
  cpuSeconds: 1,
  peakBytes,
  segments: 4,
  bytesIn: 8e6,
  bytesOut: 2e6,
});

export const standing = (id: string, runs: readonly Run[]): Standing => ({ id, title: id, runs });

export const flushes = {
  filesAFlush: 5,
  fileBytes: 484_000,
  cleaned: [
    { wallMs: 20, callMs: 0.1, heldMs: 2 },
    { wallMs: 10, callMs: 0.3, heldMs: 4 },
    { wallMs: 30, callMs: 0.2, heldMs: 3 },
  ],
  cpuSeconds: 0.09,
  ratio: 52,
};

export function aReport(): BenchReport {
  const floor = standing('zstd', [run(1000)]);
  const all = [floor, standing('queue-1', [run(1200)])];
  const absent = { ...standing('pgbackrest', []), absence: 'not here', summary: undefined };
  const figures = figuresOf(flushes, { 1: 50, 3: 70, 5: 90 });
  return {
    at: '2026-11-26T20:00:00.000Z',
    machine: {
      cpu: 'A Processor',
      cores: 2,
      memoryBytes: 8e9,
      kernel: 'Linux 6.1',
      node: 'v20.20.2',
      libzstd: '1.5.7',
      zstdTool: null,
      filesystem: 'ext4',
      device: '/dev/vda',
      fsyncsPerSecond: 424.4,
      loadBefore: 0.5,
    },
    input: { title: 'segments', kind: 'log', segments: 4, bytes: 8e6, warmUpSegments: 2 },
    level: 3,
    parallelism: 2,
    rounds: 1,
    seed: 1,
    checksum: 'xxh3-64',
    contestants: [...all.map((each) => ({ ...each, summary: summarize(each, floor) })), absent],
    original: [{ title: 'a set', flushes: 3, ways: [{ title: 'cleanupUpTo', figures }] }],
    large: {
      fileBytes: 1e8,
      files: 2,
      ways: [{ title: 'whole', runs: [{ wallMs: 1000, heldMs: 1000, peakBytes: 3e8 }] }],
    },
  };
}
