import { mkdir, writeFile } from 'node:fs/promises';
import { inCache, readPackageJson } from '../project.mjs';
import { toolEnv } from '../tool-env.mjs';
import { installEnv } from './install-env.mjs';
import { outputOf } from './output-of.mjs';
import { runLogged } from './run-logged.mjs';

/**
 * Finds the very pnpm that package.json names, and gets it from the registry into
 * the cache folder when the one on the PATH is another or there is none.
 */
export async function findPnpm(say) {
  const wanted = readPackageJson().packageManager.split('@').at(-1);
  if (outputOf('pnpm', ['--version'], toolEnv()) === wanted) return wanted;
  say(`getting ${wanted} into .cache/pnpm`);
  await getPnpm(wanted);
  return wanted;
}

async function getPnpm(version) {
  const folder = inCache('pnpm');
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/package.json`, '{ "private": true }\n');
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--ignore-scripts'];
  await runLogged({
    log: 'pnpm',
    command: 'npm',
    args: ['install', '--prefix', folder, ...quiet, `pnpm@${version}`],
    cwd: folder,
    env: installEnv(),
    hint: 'see that npm reaches its registry, or install this pnpm yourself, and try again',
  });
  await placeBinary(folder);
}

/** pnpm's own install script, by name: it puts the executable in place. */
async function placeBinary(folder) {
  await runLogged({
    log: 'pnpm-binary',
    command: process.execPath,
    args: ['install.js'],
    cwd: `${folder}/node_modules/pnpm`,
    env: installEnv(),
    hint: 'remove .cache/pnpm and try again',
  });
}
