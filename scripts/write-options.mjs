/** Writes docs/options.md from the schema; a test fails when the page is out of date. */
import { writeFile } from 'node:fs/promises';
import { listOptions } from '../packages/config/dist/index.js';

/** Text, not Markdown: `<number>` would be a tag. */
const cell = (value = '') => value.replaceAll(/[\\|<]/g, '\\$&');
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
