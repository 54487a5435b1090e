import type { FileState } from '../base/disk/disk.ts';

/** Identifies one state of one file: a write, a rename or a copy changes it. */
export type Fingerprint = Pick<FileState, 'device' | 'inode' | 'size' | 'mtimeNs' | 'ctimeNs'>;

export function fingerprintOf(state: FileState): Fingerprint {
  const { device, inode, size, mtimeNs, ctimeNs } = state;
  return { device, inode, size, mtimeNs, ctimeNs };
}

export const sameFingerprint = (a: Fingerprint, b: Fingerprint): boolean =>
  a.device === b.device &&
  a.inode === b.inode &&
  a.size === b.size &&
  a.mtimeNs === b.mtimeNs &&
  a.ctimeNs === b.ctimeNs;

/** When a file was last written, in the form of the manifest. */
export const writtenAt = ({ mtimeNs }: Pick<FileState, 'mtimeNs'>): string =>
  new Date(Number(mtimeNs / 1_000_000n)).toISOString();
