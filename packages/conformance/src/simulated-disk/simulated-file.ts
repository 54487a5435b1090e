/** An open file. It survives the removal of its name. */
import type { DiskFile, FileState } from '@walq/wal-core/internal';
import type { DiskCall } from '../faulty-disk.ts';
import { diskError, type DirectoryNode, type FileNode, type LinkNode } from './nodes.ts';
import type { SimulatedFilesystem } from './simulated-filesystem.ts';

export interface Opened {
  readonly filesystem: SimulatedFilesystem;
  /** A directory can be opened for reading, but not read. */
  readonly node: FileNode | DirectoryNode;
  readonly path: string;
  readonly mayWrite: boolean;
}

/** Makes a call when `onCall` lets it; where the call is made to fail, `onFault` is called first. */
export type MakeCall = <T>(
  call: Omit<DiskCall, 'number'>,
  make: () => T,
  onFault?: () => void,
) => Promise<T>;

export function openedFile(opened: Opened, makeCall: MakeCall): DiskFile {
  const { filesystem, node, path } = opened;
  const call = <T>(operation: keyof DiskFile, make: () => T, onFault?: () => void): Promise<T> => {
    const alive = (): T => {
      if (filesystem.isDead && operation !== 'close') throw diskError('EIO', operation, path);
      return make();
    };
    return makeCall({ operation: `file.${operation}`, path }, alive, onFault);
  };
  const content = (operation: string) => {
    if (node.kind === 'file') return node.content;
    throw diskError('EISDIR', operation, path);
  };
  const writable = (operation: string) => {
    if (!opened.mayWrite) throw diskError('EBADF', operation, path);
    if (filesystem.isReadOnly) throw diskError('EROFS', operation, path);
    return content(operation);
  };
  return {
    read: (buffer, position) => call('read', () => content('read').read(buffer, position)),
    write: (buffer, position) =>
      call('write', () => {
        writable('write').write(roomFor(opened, buffer, position), position);
        filesystem.stampWritten(node);
        if (isCut(opened, buffer, position)) throw diskError('ENOSPC', 'write', path);
      }),
    truncate: (size) =>
      call('truncate', () => {
        writable('ftruncate').truncate(size);
        filesystem.stampWritten(node);
      }),
    sync: () =>
      call(
        'sync',
        () => syncNode(opened),
        () => failSync(opened),
      ),
    stat: () => call('stat', () => stateOf(filesystem, node)),
    close: () => call('close', () => undefined),
  };
}

export function syncNode({ filesystem, node }: Opened): void {
  if (node.kind === 'file') node.content.sync();
  else filesystem.journal.sync(node);
}

export function failSync({ filesystem, node }: Opened): void {
  if (node.kind === 'file') node.content.failSync();
  else filesystem.journal.failSync(node);
}

export const stateOf = (
  { device }: SimulatedFilesystem,
  node: FileNode | DirectoryNode | LinkNode,
): FileState => ({
  kind: node.kind,
  device,
  inode: node.inode,
  size: BigInt(node.kind === 'file' ? node.content.sizeBytes : 0),
  mtimeNs: node.mtimeNs,
  ctimeNs: node.ctimeNs,
});

/** The bytes that still fit: a write to a full disk is cut short. */
function roomFor(opened: Opened, bytes: Uint8Array, position: number): Uint8Array {
  return bytes.subarray(0, Math.max(0, endOfRoom(opened, bytes, position) - position));
}

function isCut({ node }: Opened, bytes: Uint8Array, position: number): boolean {
  return node.kind === 'file' && node.content.sizeBytes < position + bytes.length;
}

function endOfRoom({ filesystem, node }: Opened, bytes: Uint8Array, position: number): number {
  const end = position + bytes.length;
  const sizeBytes = node.kind === 'file' ? node.content.sizeBytes : 0;
  if (end <= sizeBytes) return end;
  return Math.min(end, sizeBytes + filesystem.space().freeBytes);
}
