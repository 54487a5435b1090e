/** The two stretches of a measurement: at a given rate, where latency counts, and at full load. */
import { createHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { Engine } from './engine.ts';
import { atArrivals } from './arrivals.ts';
import type { Workload } from './workload.ts';

export interface AtRateFigures {
  readonly appends: number;
  readonly latency: LatencyFigures;
  readonly loopDelay: LoopDelayFigures;
  /** The longest time that a flush kept its caller. */
  readonly flushMaxMs: number;
}

export async function appendAtRate(engine: Engine, workload: Workload): Promise<AtRateFigures> {
  const latency = new AppendLatency();
  const appends = new InFlight();
  const before = engine.appends;
  const loopDelay = watchLoopDelay();
  await atArrivals(workload, (dueMs) => {
    appends.add(engine.append(), () => latency.record(performance.now() - dueMs));
  });
  await appends.allDone();
  return {
    appends: engine.appends - before,
    latency: latency.figures(),
    loopDelay: loopDelay.stop(),
    flushMaxMs: engine.longestFlushMs,
  };
}

export interface FullLoadFigures {
  readonly appends: number;
  readonly appendsPerSecond: number;
  readonly megabytesPerSecond: number;
  /** From the last append until all was archived. */
  readonly behindMs: number;
}

/** What one stretch writes at most: it lies on the disk twice while it is compared. */
const BYTES_MAX = 1024 * 1024 * 1024;

export async function appendAtFullLoad(
  engine: Engine,
  { seconds, writers, recordBytes }: Workload,
): Promise<FullLoadFigures> {
  const startedMs = performance.now();
  const endMs = startedMs + seconds * 1000;
  const before = engine.appends;
  const appendsMax = before + BYTES_MAX / recordBytes;
  const write = async () => {
    while (performance.now() < endMs && engine.appends < appendsMax) await engine.append();
  };
  await Promise.all(Array.from({ length: writers }, write));
  const tookMs = performance.now() - startedMs;
  const appends = engine.appends - before;
  await engine.awaitArchived();
  return {
    appends,
    appendsPerSecond: (appends / tookMs) * 1000,
    megabytesPerSecond: (appends * recordBytes) / tookMs / 1000,
    behindMs: performance.now() - startedMs - tookMs,
  };
}

/** Counts appends, instead of keeping a promise for each. */
class InFlight {
  #count = 0;
  #failure: Error | undefined;
  #onIdle: (() => void) | undefined;

  add(append: Promise<unknown>, onDurable: () => void): void {
    this.#count += 1;
    append.then(onDurable, (cause: unknown) => this.#fail(cause)).finally(() => this.#end());
  }

  async allDone(): Promise<void> {
    if (this.#count > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    if (this.#failure !== undefined) throw this.#failure;
  }

  #fail(cause: unknown): void {
    this.#failure ??= new Error('an append failed', { cause });
  }

  #end(): void {
    this.#count -= 1;
    if (this.#count === 0) this.#onIdle?.();
  }
}

const HOUR_US = 3_600_000_000;

interface LatencyFigures {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

/** A bounded histogram of how long appends took, whatever their number. */
class AppendLatency {
  readonly #us = createHistogram({ lowest: 1, highest: HOUR_US, figures: 3 });

  record(ms: number): void {
    this.#us.record(Math.min(HOUR_US, Math.max(1, Math.round(ms * 1000))));
  }

  figures(): LatencyFigures {
    const at = (percentile: number) => this.#us.percentile(percentile) / 1000;
    return { p50Ms: at(50), p99Ms: at(99), p999Ms: at(99.9), maxMs: this.#us.max / 1000 };
  }
}

interface LoopDelayFigures {
  readonly p99Ms: number;
  readonly maxMs: number;
}

const SAMPLE_INTERVAL_MS = 1;

/** How late the event loop of this process comes to a timer, from now until the figures are taken. */
function watchLoopDelay(): { stop(): LoopDelayFigures } {
  const delay = monitorEventLoopDelay({ resolution: SAMPLE_INTERVAL_MS });
  delay.enable();
  // It counts from one sample to the next.
  const late = (ns: number) => Math.max(0, ns / 1e6 - SAMPLE_INTERVAL_MS);
  return {
    stop: () => {
      delay.disable();
      return { p99Ms: late(delay.percentile(99)), maxMs: late(delay.max) };
    },
  };
}
