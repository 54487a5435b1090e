/** A bounded histogram of how long appends took, whatever their number. */
import { createHistogram } from 'node:perf_hooks';

const HOUR_US = 3_600_000_000;

export interface LatencyFigures {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

export class AppendLatency {
  readonly #us = createHistogram({ lowest: 1, highest: HOUR_US, figures: 3 });

  record(ms: number): void {
    this.#us.record(Math.min(HOUR_US, Math.max(1, Math.round(ms * 1000))));
  }

  figures(): LatencyFigures {
    const at = (percentile: number) => this.#us.percentile(percentile) / 1000;
    return { p50Ms: at(50), p99Ms: at(99), p999Ms: at(99.9), maxMs: this.#us.max / 1000 };
  }
}
