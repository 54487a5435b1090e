/** The engine of a measurement: appends to walq's own log, and flushes what is sealed. */
import { openLog, type Log } from '@walq/wal-core/internal';
import { recordsOf } from '../input/records.ts';
import type { Archiving } from './archiving.ts';
import type { Workload } from './workload.ts';

interface EngineOptions {
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
  async awaitArchived(): Promise<void> {
    await this.#log.seal();
    if (this.#lastSealed !== undefined) await this.#options.archiving.archived(this.#lastSealed);
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

/** Large compared with zstd's window, so that a record rarely repeats within it. */
const TEXT_BYTES = 16 * 1024 * 1024;
/** Knuth's multiplicative hashing: neighbours lie far apart. */
const SPREAD = 2_654_435_761;

/**
 * Records by their number. They are pieces of one text that is made beforehand: making them must not be what
 * is measured, and whoever reads them back must know what they were.
 */
export class RecordPool {
  readonly #text: Buffer;
  readonly #recordBytes: number;

  constructor(seed: number, recordBytes: number) {
    this.#recordBytes = recordBytes;
    this.#text = Buffer.allocUnsafe(TEXT_BYTES);
    const rows = recordsOf(seed);
    for (let at = 0; at < TEXT_BYTES;) at += rows.next().value.copy(this.#text, at);
  }

  /** Of record 0, 1, 2 … */
  at(number: number): Buffer {
    const at = Number((BigInt(number) * BigInt(SPREAD)) % BigInt(TEXT_BYTES - this.#recordBytes));
    return this.#text.subarray(at, at + this.#recordBytes);
  }
}
