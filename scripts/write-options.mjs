/** Writes docs/options.md from the schema; a test fails when the page is out of date. */
import { writeFile } from 'node:fs/promises';
import { listOptions } from '../packages/config/dist/index.js';

/** Text, not Markdown: `<number>` would be a tag. A quoted pattern is code, in which only `|` has a meaning. */
const cell = (value = '') =>
  value
    .split(/('\^[^']*')/)
    .map((part, index) =>
      index % 2 === 1 ? `\`${part.replaceAll('|', '\\|')}\`` : part.replaceAll(/[\\|<]/g, '\\$&'),
    )
    .join('');
const rows = listOptions().map(
  ({ key, meaning, expected, default: preset }) =>
    `| \`${key}\` | ${cell(meaning)} | ${cell(expected)} | ${cell(preset)} |`,
);
const page = `# Options of walq.toml

\`node scripts/write-options.mjs\` writes this page from the schema; \`walq check --options\` prints the same list.
[configure.md](configure.md) explains how to set an option.

| key | meaning | value | default |
|---|---|---|---|
${rows.join('\n')}
`;
await writeFile(new URL('../docs/options.md', import.meta.url), page);
