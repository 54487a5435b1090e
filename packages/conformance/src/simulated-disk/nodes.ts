/** What a simulated filesystem holds: its inodes, and what of a file and of a directory's entries a power cut leaves. */

interface Inode {
  readonly inode: bigint;
  mtimeNs: bigint;
  ctimeNs: bigint;
}

export interface FileNode extends Inode {
  readonly kind: 'file';
  readonly content: FileContent;
}

export interface LinkNode extends Inode {
  readonly kind: 'symlink';
  readonly target: string;
}

/** What its entries are now, and which of them a power cut leaves. */
export interface DirectoryNode extends Inode {
  readonly kind: 'directory';
  readonly entries: Map<string, Node>;
  readonly durable: Map<string, Node>;
}

export type Node = FileNode | LinkNode | DirectoryNode;

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

interface EntryChange {
  readonly directory: DirectoryNode;
  readonly name: string;
  /** Undefined: the name goes. */
  readonly node: Node | undefined;
}

/** A rename takes one name away and gives another: both survive a power cut, or neither. */
type Change = readonly EntryChange[];

/** Changes of directories' entries that no fsync has made durable yet, in the order in which they were made. */
export class EntryJournal {
  #pending: Change[] = [];

  /** Makes a change, for all to see; it is not durable. */
  make(change: Change): void {
    for (const { directory, name, node } of change) put(directory.entries, name, node);
    this.#pending.push(change);
  }

  /** An fsync of a directory. */
  sync(directory: DirectoryNode): void {
    for (const change of this.#take(directory)) {
      for (const entry of change) {
        put(entry.directory.durable, entry.name, entry.node);
        this.#supersede(entry);
      }
    }
  }

  /** An fsync that failed: the changes are seen, are never written, and the next fsync says success. */
  failSync(directory: DirectoryNode): void {
    this.#take(directory);
  }

  /** The entries that a power cut leaves in each directory, as far as they are not the durable ones. */
  afterCrash(survives: Survives): ReadonlyMap<DirectoryNode, ReadonlyMap<string, Node>> {
    const left = new Map<DirectoryNode, Map<string, Node>>();
    for (const change of this.#pending) {
      if (!survives(`entry ${change.map(({ name }) => name).join(' ')}`)) continue;
      for (const { directory, name, node } of change) {
        const entries = left.get(directory) ?? new Map(directory.durable);
        left.set(directory, entries);
        put(entries, name, node);
      }
    }
    return left;
  }

  #take(directory: DirectoryNode): Change[] {
    const touches = (change: Change): boolean => change.some((one) => one.directory === directory);
    const taken = this.#pending.filter(touches);
    this.#pending = this.#pending.filter((change) => !touches(change));
    return taken;
  }

  /** What was to happen to this name earlier, in a directory that was not fsynced itself, cannot any more. */
  #supersede({ directory, name }: EntryChange): void {
    const isOther = (one: EntryChange): boolean => one.directory !== directory || one.name !== name;
    this.#pending = this.#pending.map((change) => change.filter(isOther));
  }
}

function put(entries: Map<string, Node>, name: string, node: Node | undefined): void {
  if (node === undefined) entries.delete(name);
  else entries.set(name, node);
}

/** An error as the system gives it; `code` is the errno. */
export const refused = (code: string, operation: string, path: string): Error =>
  Object.assign(new Error(`${code}: ${operation} '${path}'`), { code, syscall: operation, path });
