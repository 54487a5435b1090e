/** The two stretches of a measurement: at a given rate, where latency counts, and at full load. */
import { AppendLatency, type LatencyFigures } from './append-latency.ts';
import type { Engine } from './engine.ts';
import { watchLoopDelay, type LoopDelayFigures } from './loop-delay.ts';
import { pace } from './pacer.ts';
import type { Workload } from './workload.ts';

export interface PacedFigures {
  readonly appends: number;
  readonly latency: LatencyFigures;
  readonly loopDelay: LoopDelayFigures;
  /** The longest time that a flush kept its caller. */
  readonly flushMaxMs: number;
}

export async function appendAtRate(engine: Engine, workload: Workload): Promise<PacedFigures> {
  const latency = new AppendLatency();
  const appends = new UnderWay();
  const before = engine.appends;
  const loopDelay = watchLoopDelay();
  await pace(workload, (dueMs) => {
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
  await engine.settle();
  return {
    appends,
    appendsPerSecond: (appends / tookMs) * 1000,
    megabytesPerSecond: (appends * recordBytes) / tookMs / 1000,
    behindMs: performance.now() - startedMs - tookMs,
  };
}

/** Counts appends, instead of keeping a promise for each. */
class UnderWay {
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
