import { hostname, userInfo } from 'node:os';

/** Who repairs, for the record: `user@host`. A container may have no name for its user. */
export function whoRepairs(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return `${process.getuid?.() ?? 'unknown'}@${hostname()}`;
  }
}
