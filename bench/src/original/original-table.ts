/** From flushes as they were measured to the figures of the original design's table. */
import { median } from '../figures.ts';
import type { Cleaned } from '../contestants/contestant.ts';
import type { Figures } from './original-figures.ts';

/** One way of cleaning up over many flushes of as many files each. */
export interface Flushes {
  readonly filesAFlush: number;
  readonly fileBytes: number;
  readonly cleaned: readonly Cleaned[];
  /** All flushes together. */
  readonly cpuSeconds: number;
  readonly ratio: number;
}

export function figuresOf(
  flushes: Flushes,
  peakMegabytes: Readonly<Record<number, number>>,
): Figures {
  const { cleaned, filesAFlush, fileBytes, cpuSeconds, ratio } = flushes;
  const timeMs = median(cleaned.map(({ wallMs }) => wallMs));
  const allMs = cleaned.reduce((sum, { wallMs }) => sum + wallMs, 0);
  return {
    blockingMs: median(cleaned.map(({ callMs }) => callMs)),
    heldMs: median(cleaned.map(({ heldMs }) => heldMs)),
    timeMs,
    megabytesPerSecond: (filesAFlush * fileBytes) / 1e3 / timeMs,
    flushesPerSecond: 1000 / timeMs,
    cores: (cpuSeconds * 1000) / allMs,
    peakMegabytes,
    ratio,
    fileMs: timeMs / filesAFlush,
  };
}
