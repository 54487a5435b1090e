/** Notices that a source's segments compress otherwise than they did, and so may want another level. */
export interface CompressedSizes {
  readonly bytes: number;
  readonly objectBytes: number;
}

/** Segments differ by some percent among themselves; other contents differ by more. */
const DRIFT_MAX = 1.25;

export class RatioWatch {
  readonly #windowBytes: number;
  #window = { bytes: 0, objectBytes: 0 };
  /** The ratio of the first window: the one that the level was chosen for. */
  #first: number | undefined;

  constructor(windowBytes: number) {
    this.#windowBytes = windowBytes;
  }

  /** True when a window is full, and its ratio another than that of the first. */
  hasDrifted({ bytes, objectBytes }: CompressedSizes): boolean {
    this.#window.bytes += bytes;
    this.#window.objectBytes += objectBytes;
    if (this.#window.bytes < this.#windowBytes) return false;
    const ratio = this.#window.bytes / this.#window.objectBytes;
    this.#window = { bytes: 0, objectBytes: 0 };
    this.#first ??= ratio;
    return Math.max(ratio / this.#first, this.#first / ratio) > DRIFT_MAX;
  }
}
