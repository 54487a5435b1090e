/**
 * The `Disk` of one process on simulated filesystems. A call waits for `onCall`, which may fail it, and then takes
 * effect
 * immediately: nothing happens between its effect and its answer.
 *
 * An fsync that is made to fail does what Linux does: what was not written yet never will be, and the next fsync of
 * the same
 * file reports success.
 */
import type { Disk, DiskFile } from '@walq/wal-core/internal';
import type { DiskCall } from '../faulty-disk.ts';
import { Mounts, type Location } from './mounts.ts';
import { diskError, type DirectoryNode, type Node } from './nodes.ts';
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
  /** Filesystems by absolute mount path; `/` is required. */
  readonly mounts: Readonly<Record<string, SimulatedFilesystem>>;
  /** Awaited before each call takes effect. If it returns an errno, the call fails with it. */
  readonly onCall?: (call: DiskCall) => string | undefined | Promise<string | undefined>;
  /** Called after each call took effect, before its caller continues. */
  readonly onDone?: (call: DiskCall) => void;
}

export interface SimulatedDisk extends Disk {
  /** The mounts of this process; can be changed. */
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
    const location = this.#mounts.locate(path, 'symlink');
    this.#add(location, location.filesystem.newLink(target));
  }

  #call: MakeCall = async (call, make, onFault) => {
    this.#calls += 1;
    const numbered = { ...call, number: this.#calls };
    const asked = this.#options.onCall?.(numbered);
    // Most calls are not delayed and continue synchronously.
    const fault = asked instanceof Promise ? await asked : asked;
    if (fault !== undefined) {
      onFault?.();
      throw diskError(fault, call.operation, call.path);
    }
    const result = make();
    this.#options.onDone?.(numbered);
    return result;
  };

  #openNew(path: string): DiskFile {
    const location = this.#mounts.locate(path, 'open');
    if (location.name === '' || location.directory.entries.has(location.name)) {
      throw diskError('EEXIST', 'open', path);
    }
    assertWritable(location, 'open', path);
    const node = location.filesystem.newFile();
    this.#add(location, node);
    return openedFile({ ...location, node, path, mayWrite: true }, this.#call);
  }

  #openExisting(path: string, mayWrite: boolean): DiskFile {
    const { filesystem, node } = this.#mounts.nodeAt(path, 'open');
    if (node.kind === 'symlink') throw diskError('ELOOP', 'open', path);
    if (mayWrite && node.kind === 'directory') throw diskError('EISDIR', 'open', path);
    if (mayWrite && filesystem.isReadOnly) throw diskError('EROFS', 'open', path);
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

  /** One call for each directory of the path, as in reality: a crash may come between two. */
  async #makeDirectories(path: string): Promise<readonly string[]> {
    const names = path.split('/').filter((name) => name !== '');
    const made: string[] = [];
    for (let length = 1; length <= names.length; length += 1) {
      const prefix = `/${names.slice(0, length).join('/')}`;
      if (length < names.length && this.#isDirectoryAt(prefix)) continue;
      const call = { operation: 'makeDirectory', path: prefix } as const;
      if (await this.#call(call, () => this.#makeUnlessThere(prefix))) made.push(prefix);
    }
    return made;
  }

  #isDirectoryAt(path: string): boolean {
    const { directory, name } = this.#mounts.locate(path, 'mkdir');
    const node = name === '' ? directory : directory.entries.get(name);
    if (node === undefined) return false;
    if (this.#isDirectory(node)) return true;
    throw diskError('ENOTDIR', 'mkdir', path);
  }

  #makeUnlessThere(path: string): boolean {
    const location = this.#mounts.locate(path, 'mkdir');
    const there =
      location.name === '' ? location.directory : location.directory.entries.get(location.name);
    if (there !== undefined && this.#isDirectory(there)) return false;
    if (there !== undefined) throw diskError('EEXIST', 'mkdir', path);
    assertWritable(location, 'mkdir', path);
    this.#add(location, location.filesystem.newDirectory());
    return true;
  }

  #isDirectory(node: Node): boolean {
    if (node.kind !== 'symlink') return node.kind === 'directory';
    return this.#isDirectory(this.#mounts.nodeAt(node.target, 'stat').node);
  }

  #link(from: string, to: string): void {
    const { filesystem, node } = this.#mounts.nodeAt(from, 'link');
    const location = this.#mounts.locate(to, 'link');
    if (location.name === '' || location.directory.entries.has(location.name)) {
      throw diskError('EEXIST', 'link', to);
    }
    if (location.filesystem !== filesystem) throw diskError('EXDEV', 'link', to);
    assertWritable(location, 'link', to);
    if (node.kind === 'directory') throw diskError('EPERM', 'link', from);
    this.#add(location, node);
    filesystem.stampMoved(node);
  }

  #rename(from: string, to: string): void {
    const { filesystem, node } = this.#mounts.nodeAt(from, 'rename');
    const [source, target] = [
      this.#mounts.locate(from, 'rename'),
      this.#mounts.locate(to, 'rename'),
    ];
    if (target.filesystem !== filesystem) throw diskError('EXDEV', 'rename', to);
    assertWritable(source, 'rename', from);
    const replaced =
      target.name === '' ? target.directory : target.directory.entries.get(target.name);
    assertReplaceable(node, replaced, to);
    // POSIX: a rename between two names of one file does nothing.
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
    const location = this.#mounts.locate(path, 'unlink');
    if (node.kind === 'directory') throw diskError('EISDIR', 'unlink', path);
    assertWritable(location, 'unlink', path);
    filesystem.journal.make([
      { directory: location.directory, name: location.name, node: undefined },
    ]);
    filesystem.stampWritten(location.directory);
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
    if (node.kind === 'symlink') throw diskError('ELOOP', 'open', path);
    return { filesystem, node, path, mayWrite: false };
  }

  #add({ filesystem, directory, name }: Location, node: Node): void {
    filesystem.journal.make([{ directory, name, node }]);
    filesystem.stampWritten(directory);
  }
}

/** Follows a last name that is a link to a directory, as `opendir` does. */
function directoryAt(
  mounts: Mounts,
  path: string,
  operation: string,
): Opened & { readonly node: DirectoryNode } {
  const { node: named } = mounts.nodeAt(path, operation);
  const prefix = named.kind === 'symlink' ? named.target : path;
  const { filesystem, node } = mounts.nodeAt(prefix, operation);
  if (node.kind !== 'directory') throw diskError('ENOTDIR', operation, path);
  return { filesystem, node, path, mayWrite: false };
}

function assertWritable({ filesystem }: Location, operation: string, path: string): void {
  if (filesystem.isReadOnly) throw diskError('EROFS', operation, path);
}

function assertReplaceable(node: Node, replaced: Node | undefined, path: string): void {
  if (replaced === undefined || replaced === node) return;
  const isDirectory = (one: Node): boolean => one.kind === 'directory';
  if (isDirectory(replaced) && !isDirectory(node)) throw diskError('EISDIR', 'rename', path);
  if (!isDirectory(replaced) && isDirectory(node)) throw diskError('ENOTDIR', 'rename', path);
  if (replaced.kind === 'directory' && replaced.entries.size > 0) {
    throw diskError('ENOTEMPTY', 'rename', path);
  }
}
