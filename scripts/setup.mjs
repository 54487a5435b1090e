/**
 * Makes a clean clone ready to run: dependencies, build, a Redis.
 * Plain Node without dependencies. Each step first checks whether it is done, so
 * that a second run costs next to nothing.
 */
import { buildPackages } from './setup/build-packages.mjs';
import { checkNode } from './setup/check-node.mjs';
import { findPnpm } from './setup/find-pnpm.mjs';
import { findRedis } from './setup/find-redis.mjs';
import { installDependencies } from './setup/install-dependencies.mjs';
import { SetupError } from './setup/setup-error.mjs';
import { linkWalq } from './link-walq.mjs';

const steps = [
  { name: 'node', run: checkNode },
  { name: 'pnpm', run: findPnpm },
  { name: 'dependencies', run: installDependencies },
  { name: 'build', run: buildPackages },
  { name: 'redis', run: findRedis },
  { name: 'command', run: linkWalq },
];

for (const { name, run } of steps) {
  const startedAt = performance.now();
  try {
    const outcome = await run((doing) => say(name, doing));
    say(name, `${outcome}${tookLong(startedAt)}`);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`\nset-up failed at '${name}': ${error.message}`);
    process.exit(1);
  }
}

function say(name, text) {
  console.log(`set-up  ${name.padEnd(13)} ${text}`);
}

function tookLong(startedAt) {
  const seconds = (performance.now() - startedAt) / 1000;
  return seconds < 1 ? '' : ` (${seconds.toFixed(1)} s)`;
}
