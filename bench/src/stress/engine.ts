/** The engine of a measurement: appends to walq's own log, and flushes what is sealed. */
import { openLog, type Log } from '@walq/wal-core/internal';
import type { Archiving } from './archiving.ts';
import type { RecordPool } from './record-pool.ts';
import type { Workload } from './workload.ts';

export interface EngineOptions {
  readonly directory: string;
  readonly archiving: Archiving;
  readonly pool: RecordPool;
  readonly workload: Pick<Workload, 'segmentBytes' | 'flushEvery'>;
}

export class Engine {
  readonly #log: Log;
  readonly #options: EngineOptions;
  #appends = 0;
  #sealed = 0;
  #lastSealed: string | undefined;
  #longestFlushMs = 0;

  static async open(options: EngineOptions): Promise<Engine> {
    const { directory, workload } = options;
    const log = await openLog({
      directory,
      segmentBytesMax: workload.segmentBytes,
      onSealed: ({ name }) => engine.#onSealed(name),
    });
    const engine = new Engine(log, options);
    return engine;
  }

  private constructor(log: Log, options: EngineOptions) {
    this.#log = log;
    this.#options = options;
  }

  /** Appends that were called. */
  get appends(): number {
    return this.#appends;
  }

  get longestFlushMs(): number {
    return this.#longestFlushMs;
  }

  /** The next record; resolves once it is durable. */
  append(): Promise<bigint> {
    this.#appends += 1;
    return this.#log.append(this.#options.pool.at(this.#appends - 1));
  }

  /** Seals all that was appended, and resolves when all of it is archived. */
  async settle(): Promise<void> {
    await this.#log.seal();
    if (this.#lastSealed !== undefined) await this.#options.archiving.settle(this.#lastSealed);
    this.#longestFlushMs = 0;
  }

  close(): Promise<void> {
    return this.#log.close();
  }

  #onSealed(segment: string): void {
    this.#lastSealed = segment;
    this.#sealed += 1;
    if (this.#sealed % this.#options.workload.flushEvery !== 0) return;
    const startedMs = performance.now();
    this.#options.archiving.flush(segment);
    this.#longestFlushMs = Math.max(this.#longestFlushMs, performance.now() - startedMs);
  }
}
