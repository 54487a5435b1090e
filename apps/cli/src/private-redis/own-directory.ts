import { lstat } from 'node:fs/promises';

/** Whether nobody but this user can put anything there. */
export async function isOwnDirectory(path: string): Promise<boolean> {
  const state = await lstat(path).catch(() => undefined);
  if (state === undefined || !state.isDirectory()) return false;
  return state.uid === process.getuid?.() && (state.mode & 0o077) === 0;
}
