/**
 * The `Disk` of one process on simulated filesystems. A call waits for its turn (`onCall`), may be told to
 * fail, and takes effect at once after that: between its effect and its answer there is nothing.
 *
 * An fsync that is told to fail does what Linux does: what was not written yet never will be, and the next
 * fsync of the same file says success.
 */
import type { Disk, DiskFile } from '@walq/wal-core/internal';
import type { DiskCall } from '../faulty-disk.ts';
import { Mounts, type Place } from './mounts.ts';
import { refused, type DirectoryNode, type Node } from './nodes.ts';
import {
  failSync,
  openedFile,
  stateOf,
  syncNode,
  type MakeCall,
  type Opened,
} from './simulated-file.ts';
import type { SimulatedFilesystem } from './simulated-filesystem.ts';

export interface SimulatedDiskOptions {
  /** What is mounted where, by absolute path; `/` is needed. */
  readonly mounts: Readonly<Record<string, SimulatedFilesystem>>;
  /** Awaited before each call takes effect; what it gives is the errno that the call fails with. */
  readonly onCall?: (call: DiskCall) => string | undefined | Promise<string | undefined>;
  /** Told of each call that took effect, before its caller is. */
  readonly onDone?: (call: DiskCall) => void;
}

export interface SimulatedDisk extends Disk {
  /** What this process sees mounted; can be changed. */
  readonly mounts: Mounts;
  /** Makes a symbolic link, which walq itself never does. */
  symlink(target: string, path: string): void;
}

const LIST_PIECE_NAMES = 1024;

export function simulatedDisk(options: SimulatedDiskOptions): SimulatedDisk {
  const mounts = new Mounts(options.mounts);
  const calls = new DiskCalls(mounts, options);
  return { mounts, symlink: (target, path) => calls.symlink(target, path), ...calls.disk() };
}

class DiskCalls {
  readonly #mounts: Mounts;
  readonly #options: SimulatedDiskOptions;
  #calls = 0;

  constructor(mounts: Mounts, options: SimulatedDiskOptions) {
    this.#mounts = mounts;
    this.#options = options;
  }

  disk(): Disk {
    const on =
      <T>(operation: keyof Disk, make: (path: string) => T) =>
      (path: string): Promise<T> =>
        this.#call({ operation, path }, () => make(path));
    const onTwo =
      (operation: 'link' | 'rename', make: (from: string, to: string) => void) =>
      (path: string, to: string): Promise<void> =>
        this.#call({ operation, path, to }, () => make(path, to));
    return {
      openRead: on('openRead', (path) => this.#openExisting(path, false)),
      openNew: on('openNew', (path) => this.#openNew(path)),
      openExisting: on('openExisting', (path) => this.#openExisting(path, true)),
      lstat: on('lstat', (path) => this.#lstat(path)),
      list: (directory) => this.#list(directory),
      makeDirectory: (path) => this.#makeDirectories(path),
      link: onTwo('link', (from, to) => this.#link(from, to)),
      rename: onTwo('rename', (from, to) => this.#rename(from, to)),
      unlink: on('unlink', (path) => this.#unlink(path)),
      syncDirectory: (path) => this.#sync('syncDirectory', path),
      syncFile: (path) => this.#sync('syncFile', path),
      space: on('space', (path) => this.#mounts.nodeAt(path, 'statfs').filesystem.space()),
    };
  }

  symlink(target: string, path: string): void {
    const place = this.#mounts.placeOf(path, 'symlink');
    this.#add(place, place.filesystem.newLink(target));
  }

  #call: MakeCall = async (call, make, onFault) => {
    this.#calls += 1;
    const numbered = { ...call, number: this.#calls };
    const asked = this.#options.onCall?.(numbered);
    // Calls that nobody holds up are many, and go on at once.
    const fault = asked instanceof Promise ? await asked : asked;
    if (fault !== undefined) {
      onFault?.();
      throw refused(fault, call.operation, call.path);
    }
    const result = make();
    this.#options.onDone?.(numbered);
    return result;
  };

  #openNew(path: string): DiskFile {
    const place = this.#mounts.placeOf(path, 'open');
    if (place.name === '' || place.directory.entries.has(place.name)) {
      throw refused('EEXIST', 'open', path);
    }
    assertWritable(place, 'open', path);
    const node = place.filesystem.newFile();
    this.#add(place, node);
    return openedFile({ ...place, node, path, mayWrite: true }, this.#call);
  }

  #openExisting(path: string, mayWrite: boolean): DiskFile {
    const { filesystem, node } = this.#mounts.nodeAt(path, 'open');
    if (node.kind === 'symlink') throw refused('ELOOP', 'open', path);
    if (mayWrite && node.kind === 'directory') throw refused('EISDIR', 'open', path);
    if (mayWrite && filesystem.isReadOnly) throw refused('EROFS', 'open', path);
    return openedFile({ filesystem, node, path, mayWrite }, this.#call);
  }

  #lstat(path: string) {
    const { filesystem, node } = this.#mounts.nodeAt(path, 'lstat');
    return stateOf(filesystem, node);
  }

  async *#list(path: string): AsyncGenerator<readonly string[]> {
    const directory = await this.#call({ operation: 'list', path }, () =>
      directoryAt(this.#mounts, path, 'opendir'),
    );
    const names = [...directory.node.entries.keys()];
    for (let at = 0; at < names.length; at += LIST_PIECE_NAMES) {
      yield names.slice(at, at + LIST_PIECE_NAMES);
    }
  }

  /** One call for each directory on the way, as it is in truth: a crash may come between two. */
  async #makeDirectories(path: string): Promise<readonly string[]> {
    const names = path.split('/').filter((name) => name !== '');
    const made: string[] = [];
    for (let length = 1; length <= names.length; length += 1) {
      const way = `/${names.slice(0, length).join('/')}`;
      if (length < names.length && this.#isDirectoryAt(way)) continue;
      const call = { operation: 'makeDirectory', path: way } as const;
      if (await this.#call(call, () => this.#makeUnlessThere(way))) made.push(way);
    }
    return made;
  }

  #isDirectoryAt(path: string): boolean {
    const { directory, name } = this.#mounts.placeOf(path, 'mkdir');
    const node = name === '' ? directory : directory.entries.get(name);
    if (node === undefined) return false;
    if (this.#isDirectory(node)) return true;
    throw refused('ENOTDIR', 'mkdir', path);
  }

  #makeUnlessThere(path: string): boolean {
    const place = this.#mounts.placeOf(path, 'mkdir');
    const there = place.name === '' ? place.directory : place.directory.entries.get(place.name);
    if (there !== undefined && this.#isDirectory(there)) return false;
    if (there !== undefined) throw refused('EEXIST', 'mkdir', path);
    assertWritable(place, 'mkdir', path);
    this.#add(place, place.filesystem.newDirectory());
    return true;
  }

  #isDirectory(node: Node): boolean {
    if (node.kind !== 'symlink') return node.kind === 'directory';
    return this.#isDirectory(this.#mounts.nodeAt(node.target, 'stat').node);
  }

  #link(from: string, to: string): void {
    const { filesystem, node } = this.#mounts.nodeAt(from, 'link');
    const place = this.#mounts.placeOf(to, 'link');
    if (place.name === '' || place.directory.entries.has(place.name)) {
      throw refused('EEXIST', 'link', to);
    }
    if (place.filesystem !== filesystem) throw refused('EXDEV', 'link', to);
    assertWritable(place, 'link', to);
    if (node.kind === 'directory') throw refused('EPERM', 'link', from);
    this.#add(place, node);
    filesystem.stampMoved(node);
  }

  #rename(from: string, to: string): void {
    const { filesystem, node } = this.#mounts.nodeAt(from, 'rename');
    const [source, target] = [
      this.#mounts.placeOf(from, 'rename'),
      this.#mounts.placeOf(to, 'rename'),
    ];
    if (target.filesystem !== filesystem) throw refused('EXDEV', 'rename', to);
    assertWritable(source, 'rename', from);
    const replaced =
      target.name === '' ? target.directory : target.directory.entries.get(target.name);
    refuseReplacing(node, replaced, to);
    // Two names of one file: nothing is done, says POSIX.
    if (replaced === node) return;
    filesystem.journal.make([
      { directory: source.directory, name: source.name, node: undefined },
      { directory: target.directory, name: target.name, node },
    ]);
    for (const { directory } of [source, target]) filesystem.stampWritten(directory);
    filesystem.stampMoved(node);
    if (replaced !== undefined) filesystem.stampMoved(replaced);
  }

  #unlink(path: string): void {
    const { filesystem, node } = this.#mounts.nodeAt(path, 'unlink');
    const place = this.#mounts.placeOf(path, 'unlink');
    if (node.kind === 'directory') throw refused('EISDIR', 'unlink', path);
    assertWritable(place, 'unlink', path);
    filesystem.journal.make([{ directory: place.directory, name: place.name, node: undefined }]);
    filesystem.stampWritten(place.directory);
    filesystem.stampMoved(node);
  }

  #sync(operation: 'syncDirectory' | 'syncFile', path: string): Promise<void> {
    return this.#call(
      { operation, path },
      () => syncNode(this.#toSync(operation, path)),
      () => failSync(this.#toSync(operation, path)),
    );
  }

  #toSync(operation: 'syncDirectory' | 'syncFile', path: string): Opened {
    if (operation === 'syncDirectory') return directoryAt(this.#mounts, path, 'open');
    const { filesystem, node } = this.#mounts.nodeAt(path, 'open');
    if (node.kind === 'symlink') throw refused('ELOOP', 'open', path);
    return { filesystem, node, path, mayWrite: false };
  }

  #add({ filesystem, directory, name }: Place, node: Node): void {
    filesystem.journal.make([{ directory, name, node }]);
    filesystem.stampWritten(directory);
  }
}

/** A last name that is a link to a directory is followed, as `opendir` does. */
function directoryAt(
  mounts: Mounts,
  path: string,
  operation: string,
): Opened & { readonly node: DirectoryNode } {
  const { node: named } = mounts.nodeAt(path, operation);
  const way = named.kind === 'symlink' ? named.target : path;
  const { filesystem, node } = mounts.nodeAt(way, operation);
  if (node.kind !== 'directory') throw refused('ENOTDIR', operation, path);
  return { filesystem, node, path, mayWrite: false };
}

function assertWritable({ filesystem }: Place, operation: string, path: string): void {
  if (filesystem.isReadOnly) throw refused('EROFS', operation, path);
}

function refuseReplacing(node: Node, replaced: Node | undefined, path: string): void {
  if (replaced === undefined || replaced === node) return;
  const isDirectory = (one: Node): boolean => one.kind === 'directory';
  if (isDirectory(replaced) && !isDirectory(node)) throw refused('EISDIR', 'rename', path);
  if (!isDirectory(replaced) && isDirectory(node)) throw refused('ENOTDIR', 'rename', path);
  if (replaced.kind === 'directory' && replaced.entries.size > 0) {
    throw refused('ENOTEMPTY', 'rename', path);
  }
}
