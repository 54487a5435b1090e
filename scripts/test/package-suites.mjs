import { existsSync, readdirSync } from 'node:fs';
import { inProject } from '../project.mjs';

const LONG = '.long.test.ts';

/** The tests of each package but its long ones, for `npm test`. */
export const shortSuites = suitesOf('no', (name) => !name.endsWith(LONG));

/** The long ones of each that has some, for `npm run test:all`. */
export const longSuites = suitesOf('only', (name) => name.endsWith(LONG));

/** Those of most files first: what takes longest is not to begin last. */
function suitesOf(long, isMeant) {
  return packageFolders()
    .map((folder) => ({ folder, files: testFiles(folder).filter(isMeant).length }))
    .filter(({ files }) => files > 0)
    .toSorted((a, b) => b.files - a.files)
    .map(({ folder }) => ({
      name: long === 'only' ? `${folder} (long)` : folder,
      folder,
      env: { WALQ_TEST_LONG: long },
    }));
}

function packageFolders() {
  const within = (parent) => readdirSync(inProject(parent)).map((name) => `${parent}/${name}`);
  const folders = ['bench', 'test', ...['apps', 'packages', 'test'].flatMap(within)];
  return folders.filter((folder) => existsSync(inProject(folder, 'vitest.config.ts')));
}

/** Includes the folder `test` itself, whose suites are siblings of those of its packages. */
function testFiles(folder) {
  const tests = folder === 'test' ? inProject('test/integration') : inProject(folder, 'test');
  return readdirSync(tests, { recursive: true }).filter((name) => name.endsWith('.test.ts'));
}
