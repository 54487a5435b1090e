import { summarize, type Run, type Standing } from '../src/measure/summary.ts';
import type { SetReport } from '../src/parts/segments.ts';
import type { BenchReport } from '../src/run-bench.ts';

/** Flushes that took so long, four segments of 2 MB in all. */
export const run = (...flushMs: readonly number[]): Run => ({
  flushMs,
  cpuSeconds: 1,
  peakBytes: 10,
  segments: 4,
  bytesIn: 8e6,
  bytesOut: 2e6,
});

export const standing = (id: string, runs: readonly Run[]): Standing => ({ id, title: id, runs });

function setOf(
  id: SetReport['id'],
  ways: Readonly<Record<string, Run>>,
  title: string = id,
): SetReport {
  const standings = Object.entries(ways).map(([way, one]) => standing(way, [one]));
  const absent = { ...standing('absent', []), absence: 'not here', summary: undefined };
  const contestants = standings.map((one) => ({ ...one, summary: summarize(one, standings) }));
  return {
    id,
    title,
    segments: 4,
    flushes: standings[0]?.runs[0]?.flushMs.length ?? 0,
    bytes: 8e6,
    contestants: [...contestants, absent],
  };
}

const percentiles = { count: 100, p50: 10, p99: 19, max: 30 };

export function aReport(): BenchReport {
  const ways = { zstd: run(800), bare: run(1000), 'queue-1': run(1200) };
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
    isOwnInput: false,
    isShort: false,
    level: 3,
    parallelism: 2,
    nice: 10,
    rounds: 1,
    seed: 1,
    checksum: 'xxh3-64',
    segments: [setOf('64B', ways), setOf('2MB', ways), setOf('16MiB', ways)],
    flushes: [
      setOf(
        '0.5MB',
        { bare: run(10, 10, 12), parallel: run(12.5, 12, 13), 'queue-awaited': run(16, 15, 40) },
        '0.484 MB',
      ),
    ],
    latency: {
      idle: [
        { id: 'bare', title: 'bare', ms: { ...percentiles, p50: 4 } },
        { id: 'queue-awaited', title: 'queue', ms: percentiles },
      ],
      flushedUs: { redisUp: percentiles, redisDown: percentiles },
    },
    memory: {
      segmentBytes: 16_777_216,
      peaks: [
        { parallelism: 1, peakBytes: 88e6 },
        { parallelism: 3, peakBytes: 130e6 },
        { parallelism: 5, peakBytes: 149e6 },
      ],
    },
    startUp: [
      { title: 'walq status', cpuMs: 290, wallMs: 250 },
      { title: 'walq worker, ready', cpuMs: 500, wallMs: 450 },
    ],
    postgresCalls: [
      {
        title: 'wal-push, answered from a marker',
        cpuMs: 3,
        residentMs: 0,
        timesShell: 1.4,
      },
    ],
  };
}
