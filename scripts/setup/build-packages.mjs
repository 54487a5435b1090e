import { toolEnv } from '../tool-env.mjs';
import { runLogged } from './run-logged.mjs';

/** Builds every package; turbo skips those whose sources did not change. */
export async function buildPackages() {
  await runLogged({
    log: 'build',
    command: 'turbo',
    args: ['run', 'build', '--output-logs=new-only'],
    env: toolEnv(),
    hint: "mend what the compiler says, then 'npm run build' shows it again",
  });
  return 'up to date';
}
