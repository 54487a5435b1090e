/**
 * Writes the table of docs/reliability.md from the results of the last `npm test` and `npm run test:all`.
 * Fails if an attack has no test among them.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { inProject } from './project.mjs';
import { attacks } from './reliability/attacks.mjs';
import { countAttack } from './reliability/count-attack.mjs';
import { readTests } from './reliability/read-tests.mjs';
import { basicResults, serverResults } from './test/results-folders.mjs';

const DOCUMENT = inProject('docs/reliability.md');
const TABLE = /(?<=<!-- table -->\n)[^]*(?=<!-- end of table -->)/;

const results = await readTests([basicResults, serverResults]);
const rows = attacks.map((attack) => ({ ...attack, ...countAttack(attack, results) }));
const untested = rows.filter(({ cases, failed }) => cases + failed === 0);
if (untested.length === 0) await writeTable();
else reportMissing();

async function writeTable() {
  const text = await readFile(DOCUMENT, 'utf8');
  const table = [...head(), ...rows.map(line)].join('\n');
  await writeFile(
    DOCUMENT,
    text.replace(TABLE, () => `${table}\n\n`),
  );
}

/** A partial run would report the missing attacks as untested. */
function reportMissing() {
  for (const { attack } of untested) console.error(`no test in the last run for: ${attack}`);
  console.error('the table is unchanged: run `npm test` and `npm run test:all` first');
  process.exitCode = 1;
}

function head() {
  const day = new Date().toISOString().slice(0, 10);
  return [
    '',
    `Last recorded run: ${day}, Node ${process.versions.node}.`,
    '',
    '| promise | attack | oracle | cases | lost | test |',
    '|---|---|---|---:|---:|---|',
  ];
}

function line({ promises, attack, oracle, cases, failed, files }) {
  const shown = cases.toLocaleString('en');
  const path = files.replace(/\.test\.ts$/, '');
  return `| ${promises} | ${attack} | ${oracle} | ${shown} | ${failed} | \`${path}\` |`;
}
