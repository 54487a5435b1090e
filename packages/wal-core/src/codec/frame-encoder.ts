/** One zstd frame, written in pieces: content size pledged, zstd's own content checksum on (RFC 8878). */
import type { Dictionary } from './dictionary.ts';
import { beginsAsWal } from '../source/postgres/page-check.ts';
import { zstd } from '../base/native.ts';

const { CCtx, CParameter, cStreamOutSize, EndDirective, ResetDirective } = zstd;

/** ZSTD_c_blockSplitterLevel of zstd 1.5.7's zstd.h, which the binding does not name. */
const BLOCK_SPLITTER_LEVEL = 1017;
const FIXED_BLOCKS = 1;
/**
 * Up to this level zstd is fast, and searching for better block borders would take 5% more time: without effect on WAL
 * and text, and for half a percent of size on program code.
 */
const FIXED_BLOCKS_LEVEL_MAX = 3;

export interface FrameOptions {
  readonly level: number;
  /** Length of the input; zstd refuses more or less. */
  readonly bytes: number;
  /** zstd's window, as a power of two. Default: that of the level. */
  readonly windowLog?: number;
  /** Default: none. */
  readonly dictionary?: Dictionary | undefined;
}

/** Valid until the next call; copy it to keep it. */
type Piece = (compressed: Uint8Array) => void | Promise<void>;

/** Encodes one frame at a time, and reuses its context and memory. */
export class FrameEncoder {
  readonly #context = new CCtx();
  readonly #output = new Uint8Array(cStreamOutSize());
  /** Level, window and dictionary of the previous frame, where it had a dictionary. */
  #prepared: string | undefined;

  begin(options: FrameOptions): void {
    if (options.dictionary === undefined) this.#prepare(options);
    else this.#prepareOnce(options, options.dictionary);
    this.#context.setPledgedSrcSize(options.bytes);
  }

  /** zstd prepares a dictionary for a level; the next frame with the same settings reuses that. */
  #prepareOnce(options: FrameOptions, { sha256, bytes }: Dictionary): void {
    const prepared = [options.level, options.windowLog, sha256].join(' ');
    if (prepared === this.#prepared) return this.#context.reset(ResetDirective.sessionOnly);
    this.#prepare(options);
    this.#context.loadDictionary(bytes);
    this.#prepared = prepared;
  }

  #prepare(options: FrameOptions): void {
    this.#prepared = undefined;
    this.#context.reset(ResetDirective.sessionAndParameters);
    this.#context.setParameter(CParameter.compressionLevel, options.level);
    this.#context.setParameter(CParameter.checksumFlag, 1);
    if (options.level <= FIXED_BLOCKS_LEVEL_MAX) {
      this.#context.setParameter(BLOCK_SPLITTER_LEVEL, FIXED_BLOCKS);
    }
    if (options.windowLog !== undefined) {
      this.#context.setParameter(CParameter.windowLog, options.windowLog);
    }
  }

  async push(chunk: Uint8Array, onPiece: Piece): Promise<void> {
    for (let done = 0; done < chunk.length;) {
      const rest = chunk.subarray(done);
      const [, made, taken] = this.#context.compressStream2(
        this.#output,
        rest,
        EndDirective.continue,
      );
      done += taken;
      if (made > 0) await onPiece(this.#output.subarray(0, made));
    }
  }

  /** The last chunk, which may be empty. */
  async end(chunk: Uint8Array, onPiece: Piece): Promise<void> {
    for (let done = 0, left = 1; left > 0;) {
      const rest = chunk.subarray(done);
      const [remaining, made, taken] = this.#context.compressStream2(
        this.#output,
        rest,
        EndDirective.end,
      );
      done += taken;
      left = remaining;
      if (made > 0) await onPiece(this.#output.subarray(0, made));
    }
  }
}

/** 256 KiB, which fits into a core's cache; level 3 by itself uses 2 MiB. */
const WAL_WINDOW_LOG = 18;
/** Levels 1 and 2 use no larger window by themselves; higher levels are for finding distant matches too. */
const WAL_WINDOW_LEVEL = 3;

/**
 * zstd's window for a segment. PostgreSQL's WAL mostly repeats recent bytes: a page's image, then changes to it. Other
 * logs may repeat distant bytes, so zstd's default applies there.
 */
export const windowFor = (
  level: number,
  first: Uint8Array,
  bytes: number,
): Pick<FrameOptions, 'windowLog'> =>
  level === WAL_WINDOW_LEVEL && beginsAsWal(first, bytes) ? { windowLog: WAL_WINDOW_LOG } : {};
