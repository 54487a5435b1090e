/** Writes docs/errors.md from the failure catalogue; with --check it fails when the page is out of date. */
import { readFile, writeFile } from 'node:fs/promises';
import { catalogue } from '../packages/wal-core/dist/base/failure/catalogue.js';

const page = new URL('../docs/errors.md', import.meta.url);
const effects = {
  retryable: 'walq retries.',
  permanent: 'The segment is quarantined.',
  refused: 'The request was refused.',
};

/** Escapes what Markdown would read as markup, and links the pages. */
const asMarkdown = (text) =>
  text
    .replaceAll('<', '\\<')
    .replaceAll('*', '\\*')
    .replaceAll(/docs\/([\w-]+\.md(?:#[\w-]+)?)/g, '[$1]($1)');

const section = ([code, { class: kind, meaning, hint }]) => `### ${code}

**${effects[kind]}** ${asMarkdown(meaning)}

${asMarkdown(hint)}
`;

const text = `# Errors

Every failure has a code: a terminal shows it as \`code:\`, JSON and log lines have it in the field \`code\`.
\`node scripts/write-errors.mjs\` writes this page from the catalogue in the code.

Each section says what the failure means and then what to do. The words in bold are its class:

- **walq retries.** A later attempt may succeed. Workers retry for ever, with increasing delays; a command that you called ends.
- **The segment is quarantined.** Another attempt cannot succeed. The file is kept, a record is written to the archive, and other
  segments continue. \`walq status\` and the archive page list the segment; [repair.md](repair.md) has the steps.
- **The request was refused.** The request or the configuration is wrong. Roles that already run check again, and resume once it is fixed.

\`SOURCE\` and \`SEGMENT\` stand for the names that walq prints.

${Object.entries(catalogue)
  .sort(([one], [other]) => (one < other ? -1 : 1))
  .map(section)
  .join('\n')}`;

if (!process.argv.includes('--check')) await writeFile(page, text);
else if ((await readFile(page, 'utf8')) !== text) {
  console.error('docs/errors.md is out of date: run node scripts/write-errors.mjs');
  process.exitCode = 1;
}
