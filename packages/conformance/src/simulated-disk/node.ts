import type { FileContent } from './file-content.ts';

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
