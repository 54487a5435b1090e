import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { inProject } from '../project.mjs';
import { installEnv } from './install-env.mjs';
import { installStamp } from './install-stamp.mjs';
import { runLogged } from './run-logged.mjs';

// Within node_modules, so that whoever removes that removes the stamp too.
const stampFile = inProject('node_modules/.walq-set-up');

/** Installs what the lock file says, unless just that is installed already. */
export async function installDependencies(say) {
  const stamp = await installStamp();
  if (existsSync(stampFile) && (await readFile(stampFile, 'utf8')) === stamp) return 'unchanged';
  say('installing; compiling zstd takes the longest');
  await runLogged({
    log: 'dependencies',
    command: 'pnpm',
    args: ['install', '--frozen-lockfile'],
    env: installEnv(),
    hint: 'see that the registry is reachable, and that python3, make and g++ are there for zstd',
  });
  await writeFile(stampFile, stamp);
  return 'installed';
}
