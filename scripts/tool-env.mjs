/** The environment in which the project's tools run. */
import { delimiter } from 'node:path';
import { inCache, inProject } from './project.mjs';

/**
 * The caller's environment with the project's own tools first on the PATH: turbo
 * starts pnpm, and the set-up may have placed that in the cache folder.
 */
export function toolEnv(added = {}) {
  const ours = [inProject('node_modules/.bin'), inCache('pnpm/node_modules/.bin')];
  const path = [...ours, process.env.PATH ?? ''].join(delimiter);
  return { ...process.env, PATH: path, TURBO_TELEMETRY_DISABLED: '1', ...added };
}
