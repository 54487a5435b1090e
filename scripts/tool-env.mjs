/** The environment in which the project's tools run. */
import { delimiter } from 'node:path';
import { inCache, inProject } from './project.mjs';

/**
 * The caller's environment with the project's own tools first on the PATH, and with the
 * pnpm that the set-up may have placed in the cache folder.
 */
export function toolEnv(added = {}) {
  const ours = [inProject('node_modules/.bin'), inCache('pnpm/node_modules/.bin')];
  const path = [...ours, process.env.PATH ?? ''].join(delimiter);
  return { ...process.env, PATH: path, ...added };
}
