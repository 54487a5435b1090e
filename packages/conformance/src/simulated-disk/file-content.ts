/**
 * What a file holds, and what of it a power cut leaves: pages that were written since the last fsync may
 * be on the medium or not, each for itself, and so may the file's new length.
 */
export type Survives = (what: string) => boolean;

export class FileContent {
  readonly #pageBytes: number;
  #live: Uint8Array;
  #durable: Uint8Array;
  /** Numbers of the pages that the next fsync will write. */
  readonly #dirty = new Set<number>();
  #isLengthDirty = false;

  constructor(pageBytes: number, bytes: Uint8Array = new Uint8Array(0)) {
    this.#pageBytes = pageBytes;
    this.#live = bytes;
    this.#durable = bytes;
  }

  get sizeBytes(): number {
    return this.#live.length;
  }

  read(into: Uint8Array, position: number): number {
    const piece = this.#live.subarray(position, position + into.length);
    into.set(piece);
    return piece.length;
  }

  write(bytes: Uint8Array, position: number): void {
    if (bytes.length === 0) return;
    this.#resize(Math.max(this.#live.length, position + bytes.length));
    this.#live.set(bytes, position);
    const last = Math.floor((position + bytes.length - 1) / this.#pageBytes);
    for (let page = Math.floor(position / this.#pageBytes); page <= last; page += 1) {
      this.#dirty.add(page);
    }
  }

  truncate(sizeBytes: number): void {
    if (sizeBytes < this.#live.length) this.#dirty.add(Math.floor(sizeBytes / this.#pageBytes));
    this.#resize(sizeBytes);
  }

  /** What was written since is on the medium now. What an earlier failed fsync dropped is not. */
  sync(): void {
    if (!this.#isLengthDirty && this.#dirty.size === 0) return;
    this.#durable = this.#written(() => true);
    this.#forgetDirty();
  }

  /** The kernel says EIO once, and counts the pages as clean from then on: they are never written. */
  failSync(): void {
    this.#forgetDirty();
  }

  /** The content that is found after a power cut. */
  afterCrash(survives: Survives): FileContent {
    return new FileContent(this.#pageBytes, this.#written(survives));
  }

  /** The durable content with those unwritten pages, and perhaps the length, that made it to the medium. */
  #written(survives: Survives): Uint8Array {
    const hasNewLength = this.#isLengthDirty && survives('length');
    const size = hasNewLength ? this.#live.length : this.#durable.length;
    const bytes = new Uint8Array(size);
    bytes.set(this.#durable.subarray(0, size));
    for (const page of this.#dirty) {
      if (!survives(`page ${page}`)) continue;
      const start = page * this.#pageBytes;
      if (start >= size) continue;
      bytes.set(this.#live.subarray(start, Math.min(start + this.#pageBytes, size)), start);
    }
    return bytes;
  }

  #forgetDirty(): void {
    this.#dirty.clear();
    this.#isLengthDirty = false;
  }

  /** Copies always: what is durable shares no memory with what is written. */
  #resize(sizeBytes: number): void {
    const bytes = new Uint8Array(sizeBytes);
    bytes.set(this.#live.subarray(0, sizeBytes));
    if (sizeBytes !== this.#live.length) this.#isLengthDirty = true;
    this.#live = bytes;
  }
}
