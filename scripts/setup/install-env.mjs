import { accessSync, constants, existsSync, mkdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { inCache } from '../project.mjs';
import { toolEnv } from '../tool-env.mjs';

/** The environment in which dependencies are installed and zstd-napi is compiled. */
export function installEnv() {
  // CI: pnpm asks no questions. JOBS: node-gyp compiles on all cores.
  return toolEnv({ CI: 'true', JOBS: 'max', ...nodeHeaders(), ...writableHome() });
}

/** Node's own headers where they were installed with it, else node-gyp downloads them. */
function nodeHeaders() {
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  const found = existsSync(join(prefix, 'include/node/node_api.h'));
  return found ? { npm_config_nodedir: prefix } : {};
}

/** A home in the cache folder for users that have none, such as services. */
function writableHome() {
  try {
    accessSync(homedir(), constants.W_OK);
    return {};
  } catch {
    const home = inCache('home');
    mkdirSync(home, { recursive: true });
    // npm passes its cache to its scripts: a folder in the home directory, which may not exist.
    return { HOME: home, npm_config_cache: `${home}/.npm` };
  }
}
