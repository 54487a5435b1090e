/** The inodes of a simulated filesystem, and what a power cut leaves of files and directory entries. */

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

/** A directory's current entries, and those that a power cut leaves. */
export interface DirectoryNode extends Inode {
  readonly kind: 'directory';
  readonly entries: Map<string, Node>;
  readonly durable: Map<string, Node>;
}

export type Node = FileNode | LinkNode | DirectoryNode;

/**
 * The content of a file, and what a power cut leaves of it: each page written since the last fsync may be on the
 * medium or
 * not, and so may the file's new length.
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

  /** Everything written since is on the medium now, except what an earlier failed fsync dropped. */
  sync(): void {
    if (!this.#isLengthDirty && this.#dirty.size === 0) return;
    this.#durable = this.#written(() => true);
    this.#forgetDirty();
  }

  /** Linux reports EIO once and marks the pages clean: they are never written. */
  failSync(): void {
    this.#forgetDirty();
  }

  /** The content after a power cut. */
  afterCrash(survives: Survives): FileContent {
    return new FileContent(this.#pageBytes, this.#written(survives));
  }

  /** The durable content, with those unwritten pages, and perhaps the length, that reached the medium. */
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

  /** Always copies, so that durable and live content share no memory. */
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
  /** Undefined where the name is removed. */
  readonly node: Node | undefined;
}

/** A rename removes one name and adds another: both survive a power cut, or neither. */
type Change = readonly EntryChange[];

/** Changes of directory entries that are not durable yet, in order. */
export class EntryJournal {
  #pending: Change[] = [];

  /** Makes a change that every process sees; it is not durable. */
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

  /** A failed fsync: the changes stay visible, are never written, and the next fsync reports success. */
  failSync(directory: DirectoryNode): void {
    this.#take(directory);
  }

  /** The entries that a power cut leaves in each directory, where they differ from the durable ones. */
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
export const diskError = (code: string, operation: string, path: string): Error =>
  Object.assign(new Error(`${code}: ${operation} '${path}'`), { code, syscall: operation, path });
