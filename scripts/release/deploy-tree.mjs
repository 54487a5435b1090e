import { mkdir, rm } from 'node:fs/promises';
import { inCache } from '../project.mjs';
import { installEnv } from '../setup/install-env.mjs';
import { runLogged } from '../setup/run-logged.mjs';

/** The command with all that it needs to run, in real files; gives the folder. */
export async function deployTree(name) {
  const parent = inCache('release');
  const tree = `${parent}/${name}`;
  await rm(parent, { recursive: true, force: true });
  await mkdir(parent, { recursive: true });
  await runLogged({
    log: 'release-tree',
    command: 'pnpm',
    args: [
      '--filter',
      '@walq/cli',
      'deploy',
      '--prod',
      '--legacy',
      '--config.node-linker=hoisted',
      '--config.package-import-method=copy',
      tree,
    ],
    env: installEnv(),
    hint: "run 'npm run setup' first, then try again",
  });
  return tree;
}
