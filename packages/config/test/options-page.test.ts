import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { listOptions } from '@walq/config';

test('docs/options.md lists every option with its meaning, value and default, and no other', async () => {
  const page = await readFile(new URL('../../../docs/options.md', import.meta.url), 'utf8');
  expect(page.match(/^\| `/gm)).toHaveLength(listOptions().length);
  for (const { key, meaning, expected, default: preset = '' } of listOptions()) {
    const cells = [meaning, expected, preset].map(asMarkdown);
    expect(page).toContain(`| \`${key}\` | ${cells.join(' | ')} |`);
  }
});

/** Escaped, except in a quoted pattern, which is code. */
const asMarkdown = (text: string): string => {
  const [pattern] = /'\^[^']*'/.exec(text) ?? [];
  if (pattern === undefined) return escaped(text);
  return text.split(pattern).map(escaped).join(`\`${pattern}\``);
};

const escaped = (text: string): string => text.replaceAll(/[\\|<]/g, '\\$&');
