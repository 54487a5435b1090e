import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { inCache, inProject, readPackageJson } from '../project.mjs';
import { toolEnv } from '../tool-env.mjs';
import { installEnv } from './install-env.mjs';
import { outputOf } from './output-of.mjs';
import { runLogged } from './run-logged.mjs';
import { SetupError } from './setup-error.mjs';

/**
 * Finds the very pnpm that package.json names, and gets it from the registry into
 * the cache folder, by its digest, when the one on the PATH is another or there is none.
 */
export async function findPnpm(say) {
  const required = readPackageJson().packageManager.split('@').at(-1);
  if (outputOf('pnpm', ['--version'], toolEnv()) === required) return required;
  say(`getting ${required} into .cache/pnpm`);
  await getPnpm(inCache('pnpm'));
  return required;
}

/**
 * npm compares each package with the digest of its lock file before it unpacks it, and runs no script.
 * @param folder where to put it
 * @param lock the folder of package.json and package-lock.json
 */
export async function getPnpm(folder, lock = inProject('scripts/setup/pnpm')) {
  await mkdir(folder, { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) {
    await copyFile(`${lock}/${name}`, `${folder}/${name}`);
  }
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--ignore-scripts'];
  await runLogged({
    log: 'pnpm',
    command: 'npm',
    args: ['install', '--prefix', folder, ...quiet],
    cwd: folder,
    env: installEnv(),
    hint: 'see that npm reaches its registry, or install this pnpm yourself, and try again',
  });
  await requirePinned(folder, lock);
  await placeBinary(folder);
}

/** npm also takes what a lock file does not name, such as the executable for another kind of machine. */
async function requirePinned(folder, lock) {
  const packagesOf = async (path) => JSON.parse(await readFile(path, 'utf8')).packages;
  const pinned = await packagesOf(`${lock}/package-lock.json`);
  const got = await packagesOf(`${folder}/node_modules/.package-lock.json`);
  for (const [name, { integrity }] of Object.entries(got)) {
    if (integrity !== undefined && pinned[name]?.integrity === integrity) continue;
    throw new SetupError(
      `${name} has no digest in ${lock}/package-lock.json`,
      'install the pnpm that package.json names yourself, and try again',
    );
  }
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
