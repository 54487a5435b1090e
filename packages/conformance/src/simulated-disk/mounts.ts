/** Resolves paths across mounted filesystems. */
import { diskError, type DirectoryNode, type Node } from './nodes.ts';
import type { SimulatedFilesystem } from './simulated-filesystem.ts';

export interface Location {
  readonly filesystem: SimulatedFilesystem;
  readonly directory: DirectoryNode;
  /** Empty for the root of a filesystem, or where the path ends with `/.`. */
  readonly name: string;
}

const NAME_BYTES_MAX = 255;
const LINKS_MAX = 40;

export class Mounts {
  /** By absolute path, including `/`. A mount hides what was there before. */
  readonly #mounted: Map<string, SimulatedFilesystem>;

  constructor(mounted: Readonly<Record<string, SimulatedFilesystem>>) {
    this.#mounted = new Map(Object.entries(mounted));
  }

  mount(path: string, filesystem: SimulatedFilesystem): void {
    this.#mounted.set(path, filesystem);
  }

  unmount(path: string): void {
    this.#mounted.delete(path);
  }

  /** The directory of the path's last name, which need not exist. A link as the last name is not followed. */
  locate(path: string, operation: string): Location {
    return this.#walk(path, { operation, path }, 0);
  }

  nodeAt(path: string, operation: string): { filesystem: SimulatedFilesystem; node: Node } {
    const { filesystem, directory, name } = this.locate(path, operation);
    const node = name === '' ? directory : directory.entries.get(name);
    if (node === undefined) throw diskError('ENOENT', operation, path);
    return { filesystem, node };
  }

  #walk(path: string, call: PathCall, links: number): Location {
    const fail = (code: string): Error => diskError(code, call.operation, call.path);
    let filesystem = this.#mounted.get('/');
    if (filesystem === undefined || !path.startsWith('/')) throw fail('ENOENT');
    if (links > LINKS_MAX) throw fail('ELOOP');
    let directory = filesystem.root;
    const steps = stepsOf(path);
    for (const { name, prefix, rest, isTooLong } of steps) {
      if (filesystem.isDead) throw fail('EIO');
      if (isTooLong) throw fail('ENAMETOOLONG');
      if (name === '.') continue;
      const mounted = this.#mounted.get(prefix);
      if (mounted !== undefined) {
        filesystem = mounted;
        directory = mounted.root;
      } else if (rest === '') return { filesystem, directory, name };
      else {
        const node = directory.entries.get(name);
        if (node === undefined) throw fail('ENOENT');
        if (node.kind === 'symlink') return this.#walk(`${node.target}${rest}`, call, links + 1);
        if (node.kind === 'file') throw fail('ENOTDIR');
        directory = node;
      }
    }
    if (filesystem.isDead) throw fail('EIO');
    return { filesystem, directory, name: '' };
  }
}

interface PathCall {
  readonly operation: string;
  readonly path: string;
}

interface Step {
  readonly name: string;
  /** The path up to here. */
  readonly prefix: string;
  /** The path from here on; empty at the last name. */
  readonly rest: string;
  readonly isTooLong: boolean;
}

/** Parsed once, because the same paths are used again and again. */
const known = new Map<string, readonly Step[]>();
const KNOWN_MAX = 4_096;

function stepsOf(path: string): readonly Step[] {
  const before = known.get(path);
  if (before !== undefined) return before;
  const names = path.split('/').filter((name) => name !== '');
  let prefix = '';
  const steps = names.map((name, index) => {
    if (name !== '.') prefix += `/${name}`;
    const isLast = index === names.length - 1;
    const rest = isLast ? '' : `/${names.slice(index + 1).join('/')}`;
    return { name, prefix, rest, isTooLong: Buffer.byteLength(name) > NAME_BYTES_MAX };
  });
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(path, steps);
  return steps;
}
