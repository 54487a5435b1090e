/** Changes of directories' entries that no fsync has made durable yet, in the order in which they were made. */
import type { DirectoryNode, Node } from './node.ts';
import type { Survives } from './file-content.ts';

interface EntryChange {
  readonly directory: DirectoryNode;
  readonly name: string;
  /** Undefined: the name goes. */
  readonly node: Node | undefined;
}

/** A rename takes one name away and gives another: both survive a power cut, or neither. */
type Change = readonly EntryChange[];

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
