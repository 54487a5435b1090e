import { showBytes, showCount, showDuration, showRatio } from '../terminal/human.ts';

export interface DemoReport {
  readonly segments: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly ratio: number;
  /** Worker processes. */
  readonly workers: number;
  /** From the first flush until nothing was due. */
  readonly drainMs: number;
  /** Whether every segment came back with the contents that were sealed. */
  readonly restoredIdentical: boolean;
  /** Files left at the source beyond the open segment. */
  readonly sourcesLeft: number;
}

export const isSound = (report: DemoReport): boolean =>
  report.restoredIdentical && report.sourcesLeft === 0;

export function demoLines(report: DemoReport): string[] {
  const { segments, bytesIn, bytesOut, ratio, workers, drainMs } = report;
  const rate = showBytes((bytesIn / Math.max(1, drainMs)) * 1000);
  return [
    `sealed      ${showCount(segments, 'segment')}, ${showBytes(bytesIn)}, written while they were archived`,
    `archived    by ${workers} worker ${workers === 1 ? 'process' : 'processes'} in ${showDuration(drainMs)}, ${rate}/s`,
    `stored      ${showBytes(bytesOut)} (${showRatio(ratio)} smaller)`,
    `restored    ${report.restoredIdentical ? 'all of them, identical byte for byte' : 'NOT IDENTICAL'}`,
    `left        ${showCount(report.sourcesLeft, 'source')} beyond the open segment`,
  ];
}
