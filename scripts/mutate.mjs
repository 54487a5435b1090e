/**
 * Says what no test notices: breaks the built code of a package in one place after another, and runs the tests that
 * reach it. `npm run mutate -- packages/wal-core pipeline/confirm pipeline/delete-source [--tests pipeline,threats]`: folders or files of its
 * `src`, and of its `test` the folders that are to notice; by default all, which takes hours.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { spawnSync } from 'node:child_process';
import { inProject } from './project.mjs';
import { toolEnv } from './tool-env.mjs';

const options = { tests: { type: 'string' } };
const { positionals, values } = parseArgs({ options, allowPositionals: true });
const [folder, ...parts] = positionals;
if (folder === undefined || parts.length === 0) {
  console.error(
    'Name a package and what to break of it: npm run mutate -- packages/wal-core pipeline/confirm pipeline/delete-source',
  );
  process.exit(2);
}
const built = parts.map((part) => builtFiles(part));
const tests = values.tests?.split(',').map((part) => testFiles(part));
const { status } = spawnSync(
  'stryker',
  ['run', inProject('stryker.config.mjs'), '--mutate', built.join(',')],
  {
    cwd: inProject(folder),
    env: toolEnv(tests && { WALQ_TESTS: tests.join(',') }),
    stdio: ['ignore', 'inherit', 'inherit'],
  },
);
process.exitCode = status ?? 1;

function builtFiles(part) {
  const file = join('dist', `${part}.js`);
  if (existsSync(inProject(join(folder, file)))) return file;
  if (existsSync(inProject(join(folder, 'dist', part)))) return `dist/${part}/**/*.js`;
  console.error(`${folder} has no ${join('src', part)}, or is not built`);
  process.exit(2);
}

function testFiles(part) {
  const file = join('test', `${part}.test.ts`);
  return existsSync(inProject(join(folder, file))) ? file : `test/${part}/**/*.test.ts`;
}
