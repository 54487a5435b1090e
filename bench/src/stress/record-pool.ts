/**
 * Records by their number. They are pieces of one text that is made beforehand: making them must not be what
 * is measured, and whoever reads them back must know what they were.
 */
import { recordsOf } from '../input/records.ts';

/** Large beside zstd's window, so that a record is rarely found again in it. */
const TEXT_BYTES = 16 * 1024 * 1024;
/** Knuth's multiplicative hashing: neighbours lie far apart. */
const SPREAD = 2_654_435_761;

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
