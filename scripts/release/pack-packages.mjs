import { inProject } from '../project.mjs';
import { installEnv } from '../setup/install-env.mjs';
import { runLogged } from '../setup/run-logged.mjs';

/** All of walq's packages, which need one another; engines embed the first two. */
const packages = [
  'packages/wal-core',
  'packages/config',
  'packages/archive-queue',
  'packages/role',
  'apps/producer',
  'apps/archiver-worker',
  'apps/dashboard',
  'bench',
  'apps/cli',
];

export async function packPackages(out) {
  for (const folder of packages) {
    await runLogged({
      log: 'release-packages',
      command: 'pnpm',
      args: ['pack', '--pack-destination', out],
      cwd: inProject(folder),
      env: installEnv(),
      hint: "run 'npm run setup' first, then try again",
    });
  }
}
