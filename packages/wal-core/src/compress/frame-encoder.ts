/** One zstd frame, written in pieces: content size pledged, zstd's own content checksum on (RFC 8878). */
import zstd from 'zstd-napi/binding.js';

const { CCtx, CParameter, cStreamOutSize, EndDirective, ResetDirective } = zstd;

const nothing = new Uint8Array(0);

export interface FrameOptions {
  readonly level: number;
  /** Length of what will be compressed; zstd refuses more or less. */
  readonly bytes: number;
  /** Contents of the zstd dictionary, where one is used. */
  readonly dictionary?: Uint8Array;
}

/** Valid until the next call; whoever keeps it copies it. */
type Piece = (compressed: Uint8Array) => void | Promise<void>;

/** One frame at a time; the context and its memory are used again and again. */
export class FrameEncoder {
  readonly #context = new CCtx();
  readonly #output = new Uint8Array(cStreamOutSize());

  begin(options: FrameOptions): void {
    this.#context.reset(ResetDirective.sessionAndParameters);
    this.#context.setParameter(CParameter.compressionLevel, options.level);
    this.#context.setParameter(CParameter.checksumFlag, 1);
    if (options.dictionary !== undefined) this.#context.loadDictionary(options.dictionary);
    this.#context.setPledgedSrcSize(options.bytes);
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
