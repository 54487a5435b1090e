/** Decodes exactly one zstd frame, in pieces, and never to more bytes than the manifest declares (zstd bombs). */
import { zstd } from '../base/native.ts';
import type { Dictionary } from './dictionary.ts';
import { RunningChecksum } from './checksum.ts';
import { reasonOf } from '../base/failure/system-error.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import type { SourceChecksum } from './source-checksum.ts';

const { DCtx, dStreamOutSize, ResetDirective } = zstd;

/** Of the library that compresses and decodes: `1.5.7`. */
export const zstdVersion = (): string => zstd.versionString();

/** Length and checksum of an object's decoded data. */
export interface Decoded {
  readonly bytes: number;
  readonly sourceChecksum: SourceChecksum;
}

export interface DecodeOptions {
  /** Names the object in messages. */
  readonly where: string;
  /** Decoding more bytes than this fails. */
  readonly bytesMax: number;
  /** Default: none. */
  readonly dictionary?: Dictionary | undefined;
  /** Receives the plain bytes; valid until it returns. */
  readonly onPlain?: (plain: Uint8Array) => void | Promise<void>;
}

export class FrameDecoder {
  readonly #context = new DCtx();
  readonly #output = new Uint8Array(dStreamOutSize());
  #options: DecodeOptions = { where: '', bytesMax: 0 };
  /** SHA-256 of the dictionary that is loaded. */
  #loaded: string | undefined;
  readonly #checksum = new RunningChecksum();
  #bytes = 0;
  #frameEnded = false;

  begin(options: DecodeOptions): void {
    this.#load(options.dictionary);
    this.#options = options;
    this.#checksum.reset();
    this.#bytes = 0;
    this.#frameEnded = false;
  }

  #load(dictionary: Dictionary | undefined): void {
    const isLoaded = dictionary !== undefined && dictionary.sha256 === this.#loaded;
    if (isLoaded) return this.#context.reset(ResetDirective.sessionOnly);
    this.#loaded = undefined;
    this.#context.reset(ResetDirective.sessionAndParameters);
    if (dictionary === undefined) return;
    this.#context.loadDictionary(dictionary.bytes);
    this.#loaded = dictionary.sha256;
  }

  async push(compressed: Uint8Array): Promise<void> {
    for (let done = 0, full = false; done < compressed.length || full;) {
      if (this.#frameEnded) throw this.#corrupt('more follows its data frame');
      const [hint, made, taken] = this.#decode(compressed.subarray(done));
      done += taken;
      full = made === this.#output.length;
      this.#frameEnded = hint === 0;
      await this.#take(this.#output.subarray(0, made));
      if (this.#frameEnded) full = false;
    }
  }

  finish(): Decoded {
    if (!this.#frameEnded) throw this.#corrupt('its data frame is cut short');
    return { bytes: this.#bytes, sourceChecksum: this.#checksum.finish() };
  }

  #decode(rest: Uint8Array): [number, number, number] {
    try {
      return this.#context.decompressStream(this.#output, rest);
    } catch (cause) {
      throw this.#corrupt(reasonOf(cause), cause);
    }
  }

  async #take(plain: Uint8Array): Promise<void> {
    this.#bytes += plain.length;
    if (this.#bytes > this.#options.bytesMax)
      throw this.#corrupt('it decodes to more bytes than its manifest declares');
    this.#checksum.update(plain);
    await this.#options.onPlain?.(plain);
  }

  #corrupt(why: string, cause?: unknown): WalqError {
    const message = `${this.#options.where} does not decode: ${why}`;
    return new WalqError('object-corrupt', { message, cause });
  }
}
