/**
 * One filesystem in memory: inodes, directories and hard links, and what of them is durable. Content becomes durable
 * by an
 * fsync of the file, a name by an fsync of its directory, and nothing else makes anything durable: less than any real
 * filesystem promises.
 */
import type { DiskSpace } from '@walq/wal-core/internal';
import {
  EntryJournal,
  FileContent,
  type DirectoryNode,
  type FileNode,
  type LinkNode,
  type Node,
  type Survives,
} from './nodes.ts';

interface FilesystemOptions {
  /** The clock for file times, in nanoseconds since 1970. @default one that advances at each call */
  readonly now?: () => bigint;
  /** Unit that survives a power cut or not, in bytes. @default 4096 */
  readonly pageBytes?: number;
  /** Capacity for contents, in bytes; can be changed. @default 1 GiB */
  readonly sizeBytes?: number;
}

const DEFAULTS = { pageBytes: 4_096, sizeBytes: 1024 ** 3 };
const nothing: Survives = () => false;

let devices = 0n;

export class SimulatedFilesystem {
  readonly device: bigint;
  readonly root: DirectoryNode;
  readonly journal = new EntryJournal();
  /** As after `mount -o remount,ro`. */
  isReadOnly = false;
  /** As after a power cut, for processes that still use it: every call fails with EIO. */
  isDead = false;
  sizeBytes: number;
  readonly #options: FilesystemOptions;
  readonly #pageBytes: number;
  readonly #now: () => bigint;
  #inodes = 1n;

  constructor(options: FilesystemOptions = {}, device?: bigint) {
    this.#options = options;
    this.#pageBytes = options.pageBytes ?? DEFAULTS.pageBytes;
    this.#now = options.now ?? tickingClock();
    this.sizeBytes = options.sizeBytes ?? DEFAULTS.sizeBytes;
    this.device = device ?? (devices += 1n);
    this.root = this.newDirectory();
  }

  newDirectory(): DirectoryNode {
    const maps = { entries: new Map<string, Node>(), durable: new Map<string, Node>() };
    return { kind: 'directory', ...maps, ...this.#newInode() };
  }

  newFile(): FileNode {
    return { kind: 'file', content: new FileContent(this.#pageBytes), ...this.#newInode() };
  }

  newLink(target: string): LinkNode {
    return { kind: 'symlink', target, ...this.#newInode() };
  }

  /** For a change of content. */
  stampWritten(node: Node): void {
    node.mtimeNs = this.#now();
    node.ctimeNs = node.mtimeNs;
  }

  /** For a change of names. */
  stampMoved(node: Node): void {
    node.ctimeNs = this.#now();
  }

  space(): DiskSpace {
    const freeBytes = Math.max(0, this.sizeBytes - this.#usedBytes());
    return { freeBytes, sizeBytes: this.sizeBytes };
  }

  /**
   * The filesystem as a power cut now would leave it; this one stays unchanged. `survives` decides for each entry,
   * page and
   * length that is not durable.
   */
  crash(survives: Survives = nothing): SimulatedFilesystem {
    const sizeBytes = this.sizeBytes;
    const clone = new SimulatedFilesystem({ ...this.#options, sizeBytes }, this.device);
    clone.#inodes = this.#inodes;
    new Remains(clone, this.journal.afterCrash(survives), survives).fill(this.root, clone.root);
    return clone;
  }

  #newInode() {
    const now = this.#now();
    this.#inodes += 1n;
    return { inode: this.#inodes, mtimeNs: now, ctimeNs: now };
  }

  /** Unlinked files that are still open use no space here. */
  #usedBytes(): number {
    const files = new Set<FileNode>();
    const visit = (directory: DirectoryNode): void => {
      for (const node of directory.entries.values()) {
        if (node.kind === 'file') files.add(node);
        if (node.kind === 'directory') visit(node);
      }
    };
    visit(this.root);
    return [...files].reduce((sum, { content }) => sum + this.#allocated(content.sizeBytes), 0);
  }

  #allocated(bytes: number): number {
    return Math.ceil(bytes / this.#pageBytes) * this.#pageBytes;
  }
}

/** Copies what a power cut leaves; a file with two names stays one file. */
class Remains {
  readonly #to: SimulatedFilesystem;
  readonly #changed: ReadonlyMap<DirectoryNode, ReadonlyMap<string, Node>>;
  readonly #survives: Survives;
  readonly #copies = new Map<Node, Node>();

  constructor(
    to: SimulatedFilesystem,
    changed: ReadonlyMap<DirectoryNode, ReadonlyMap<string, Node>>,
    survives: Survives,
  ) {
    this.#to = to;
    this.#changed = changed;
    this.#survives = survives;
  }

  fill(from: DirectoryNode, to: DirectoryNode): void {
    for (const [name, node] of this.#changed.get(from) ?? from.durable) {
      const copy = this.#copies.get(node) ?? this.#copyOf(node);
      this.#copies.set(node, copy);
      to.entries.set(name, copy);
      to.durable.set(name, copy);
      if (node.kind === 'directory' && copy.kind === 'directory') this.fill(node, copy);
    }
  }

  #copyOf(node: Node): Node {
    if (node.kind === 'symlink') return { ...node };
    if (node.kind === 'file') return { ...node, content: node.content.afterCrash(this.#survives) };
    const { inode, mtimeNs, ctimeNs } = node;
    return { ...this.#to.newDirectory(), inode, mtimeNs, ctimeNs };
  }
}

function tickingClock(): () => bigint {
  let ns = 1_700_000_000_000_000_000n;
  return () => (ns += 1_000_000n);
}
