/**
 * What a release passes in addition to `.ci/run`, in some five hours: a hundred thousand histories further, every parser
 * fuzzed for half an hour, and a soak of four hours. Each part runs also when one before it failed.
 */
import { spawnSync } from 'node:child_process';
import { inProject, projectRoot } from './project.mjs';

const parts = [
  ['test/simulation/dist/main.js', '--from', '10001', '--histories', '100000'],
  ['test/fuzz/dist/main.js', '--seconds', '1800'],
  ['scripts/soak.mjs', '--hours', '4'],
];

const failed = parts.filter(([script, ...args]) => {
  console.log(`release  ${script} ${args.join(' ')}`);
  const options = { cwd: projectRoot, stdio: ['ignore', 'inherit', 'inherit'] };
  return spawnSync(process.execPath, [inProject(script), ...args], options).status !== 0;
});
for (const [script] of failed) console.error(`failed: ${script}`);
process.exitCode = failed.length === 0 ? 0 : 1;
