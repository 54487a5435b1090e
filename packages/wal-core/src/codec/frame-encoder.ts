/** One zstd frame, written in pieces: content size pledged, zstd's own content checksum on (RFC 8878). */
import type { Dictionary } from './dictionary.ts';
import { beginsAsWal } from '../source/postgres/page-check.ts';
import zstd from 'zstd-napi/binding.js';

const { CCtx, CParameter, cStreamOutSize, EndDirective, ResetDirective } = zstd;

const nothing = new Uint8Array(0);

/** ZSTD_c_blockSplitterLevel of zstd 1.5.7's zstd.h, which the binding does not name. */
const BLOCK_SPLITTER_LEVEL = 1017;
const FIXED_BLOCKS = 1;
/**
 * Up to this level zstd is fast, and looking for better block borders would cost a twentieth of its time:
 * on WAL and text for nothing, on program code for half a percent.
 */
const FIXED_BLOCKS_LEVEL_MAX = 3;

export interface FrameOptions {
  readonly level: number;
  /** Length of what will be compressed; zstd refuses more or less. */
  readonly bytes: number;
  /** How far back zstd looks, as a power of two. Default: as the level has it. */
  readonly windowLog?: number;
  /** Default: none. */
  readonly dictionary?: Dictionary | undefined;
}

/** Valid until the next call; whoever keeps it copies it. */
type Piece = (compressed: Uint8Array) => void | Promise<void>;

/** One frame at a time; the context and its memory are used again and again. */
export class FrameEncoder {
  readonly #context = new CCtx();
  readonly #output = new Uint8Array(cStreamOutSize());
  /** Level, window and dictionary of the frame before, where it had a dictionary. */
  #prepared: string | undefined;

  begin(options: FrameOptions): void {
    if (options.dictionary === undefined) this.#prepare(options);
    else this.#prepareOnce(options, options.dictionary);
    this.#context.setPledgedSrcSize(options.bytes);
  }

  /** zstd takes a dictionary apart for a level; for the next frame that is like this one it need not again. */
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

  async end(onPiece: Piece): Promise<void> {
    for (let left = 1; left > 0;) {
      const [remaining, made] = this.#context.compressStream2(
        this.#output,
        nothing,
        EndDirective.end,
      );
      left = remaining;
      if (made > 0) await onPiece(this.#output.subarray(0, made));
    }
  }
}

/** 256 KiB, which a core has in its cache; level 3 itself would take 2 MiB. */
const WAL_WINDOW_LOG = 18;
/** Levels 1 and 2 take no more by themselves; higher ones are for those who want every match, also a distant one. */
const WAL_WINDOW_LEVEL = 3;

/**
 * How far back zstd is to look. PostgreSQL's WAL mostly repeats what was just written: a page's image, then
 * changes to it. Other logs may repeat themselves over a long way, so zstd decides there.
 */
export const windowFor = (
  level: number,
  first: Uint8Array,
  bytes: number,
): Pick<FrameOptions, 'windowLog'> =>
  level === WAL_WINDOW_LEVEL && beginsAsWal(first, bytes) ? { windowLog: WAL_WINDOW_LOG } : {};
