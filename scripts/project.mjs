/** Where things are in the project's folder. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = fileURLToPath(new URL('..', import.meta.url));

/** A path below the project's root. */
export function inProject(...names) {
  return join(projectRoot, ...names);
}

/** A path below the project's cache folder, which may be deleted at any time. */
export function inCache(...names) {
  return inProject('.cache', ...names);
}

export function readPackageJson() {
  return JSON.parse(readFileSync(inProject('package.json'), 'utf8'));
}
