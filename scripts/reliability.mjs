/**
 * Writes the table of docs/reliability.md from what the last `npm test` and `npm run test:all` left: no figure of
 * it is anybody's word. Refuses where an attack had no test in them.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { inProject } from './project.mjs';
import { attacks } from './reliability/attacks.mjs';
import { countAttack } from './reliability/count-attack.mjs';
import { readTests } from './reliability/read-tests.mjs';
import { basicResults, serverResults } from './test/results-folders.mjs';
import { serverSuites } from './test/server-suites.mjs';

const DOCUMENT = inProject('docs/reliability.md');
const TABLE = /(?<=<!-- table -->\n)[^]*(?=<!-- end of table -->)/;

const results = await readTests([basicResults, serverResults]);
const rows = attacks.map((attack) => ({ ...attack, ...countAttack(attack, results) }));
const untried = rows.filter(({ cases, failed }) => cases + failed === 0);
if (untried.length === 0) await writeTable();
else refuse();

async function writeTable() {
  const text = await readFile(DOCUMENT, 'utf8');
  const table = [...head(), ...rows.map(line)].join('\n');
  await writeFile(
    DOCUMENT,
    text.replace(TABLE, () => `${table}\n\n`),
  );
}

/** Figures of half a run would say of the other half that nothing was tried. */
function refuse() {
  for (const { attack } of untried) console.error(`no test in the last run: ${attack}`);
  console.error('the table is left as it is: run `npm test` and `npm run test:all` first');
  process.exitCode = 1;
}

function head() {
  const day = new Date().toISOString().slice(0, 10);
  return [
    '',
    `The last run that was written down: ${day}, Node ${process.versions.node}.`,
    '',
    '| promise | attack | judged by | cases | lost | again |',
    '|---|---|---|---:|---:|---|',
  ];
}

function line({ promises, attack, judge, cases, failed, files }) {
  const shown = cases.toLocaleString('en');
  return `| ${promises} | ${attack} | ${judge} | ${shown} | ${failed} | \`${again(files)}\` |`;
}

/** The command that repeats the tests of a path. */
function again(files) {
  const [, folder, path] = /^(test\/(?:simulation|fuzz)|(?:packages|apps)\/[^/]+|test)\/(.*)$/.exec(
    files,
  );
  const suite = path.split('/')[0];
  const isServerSuite = folder === 'test' && serverSuites.some((one) => one.folder === suite);
  const variable = isServerSuite ? `WALQ_TEST_SUITE=${suite} ` : '';
  return `cd ${folder} && ${variable}npx vitest run ${path.replace(/\.test\.ts$/, '')}`;
}
