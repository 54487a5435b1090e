import { summarize, type Run, type Standing } from '../src/measure/summary.ts';
import {
  summarize as summarizeFlushes,
  type FlushReport,
  type FlushRun,
} from '../src/parts/flushes.ts';
import type { SetReport } from '../src/parts/segments.ts';
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

/** Flushes of five files of 0.484 MB each, which took so long. */
export const flushRun = (...wallMs: readonly number[]): FlushRun => ({
  flushes: wallMs.map((ms) => ({ wallMs: ms, callMs: 0.1 })),
  flushMs: wallMs[0] ?? Number.NaN,
  cpuSeconds: 0.03,
  bytesIn: 5 * 484_000 * wallMs.length,
  bytesOut: 48_400 * wallMs.length,
});

function setOf(id: SetReport['id'], standings: readonly Standing[]): SetReport {
  const absent = { ...standing('absent', []), absence: 'not here', summary: undefined };
  const contestants = standings.map((one) => ({ ...one, summary: summarize(one, standings) }));
  return {
    id,
    title: id,
    kind: 'raw',
    segments: 4,
    bytes: 8e6,
    warmUpSegments: 2,
    contestants: [...contestants, absent],
  };
}

function flushesOf(id: FlushReport['id'], ways: Readonly<Record<string, FlushRun>>): FlushReport {
  const standings = Object.entries(ways).map(([way, one]) => ({
    id: way,
    title: way,
    runs: [one],
  }));
  const contestants = standings.map((one) => ({
    ...one,
    summary: summarizeFlushes(one, standings),
  }));
  return { id, title: '5 files', flushes: 3, fileBytes: 484_000, contestants };
}

const percentiles = { count: 100, p50: 10, p99: 19, max: 30 };

export function aReport(): BenchReport {
  const standings = [
    standing('zstd', [run(800)]),
    standing('bare', [run(1000)]),
    standing('queue-1', [run(1200)]),
  ];
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
    segments: [setOf('64B', standings), setOf('2MB', standings), setOf('16MiB', standings)],
    flushes: [
      flushesOf('0.5MB', {
        bare: flushRun(10),
        parallel: flushRun(12.5),
        'queue-1': flushRun(16),
      }),
    ],
    latency: { idleMs: percentiles, flushedUs: { redisUp: percentiles, redisDown: percentiles } },
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
        cpuMs: { median: 3, least: 2, most: 4 },
        residentMs: 0,
        timesShell: { median: 1.4, least: 1.2, most: 1.6 },
      },
    ],
    large: {
      fileBytes: 1e8,
      files: 2,
      ways: [
        { id: 'whole', title: 'whole', runs: [{ wallMs: 1000, callMs: 1000, peakBytes: 3e8 }] },
      ],
    },
  };
}
