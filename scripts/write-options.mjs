/** Writes the table of options in docs/guide.md from the schema; a test fails when it is out of date. */
import { readFile, writeFile } from 'node:fs/promises';
import { listOptions } from '../packages/config/dist/index.js';

const path = new URL('../docs/guide.md', import.meta.url);
const text = await readFile(path, 'utf8');
const head = text.slice(0, text.indexOf('\n', text.indexOf('|---|---|---|---|\n')) + 1);
const cell = (value = '') => value.replaceAll('|', '\\|');
const rows = listOptions().map(
  ({ key, meaning, expected, default: preset }) =>
    `| \`${key}\` | ${cell(meaning)} | ${cell(expected)} | ${cell(preset)} |`,
);
await writeFile(path, `${head}${rows.join('\n')}\n`);
