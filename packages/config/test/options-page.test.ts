import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { listOptions } from '@walq/config';

test('docs/options.md lists every option with its meaning, value and default, and no other', async () => {
  const page = await readFile(new URL('../../../docs/options.md', import.meta.url), 'utf8');
  expect(page.match(/^\| `/gm)).toHaveLength(listOptions().length);
  for (const { key, meaning, expected, default: preset = '' } of listOptions()) {
    const cells = [meaning, expected, preset].map((cell) => cell.replaceAll(/[\\|<]/g, '\\$&'));
    expect(page).toContain(`| \`${key}\` | ${cells.join(' | ')} |`);
  }
});
