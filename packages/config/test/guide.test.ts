import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { listOptions } from '@walq/config';

test('the guide lists every option with its meaning, value and default', async () => {
  const guide = await readFile(new URL('../../../docs/guide.md', import.meta.url), 'utf8');
  for (const { key, meaning, expected, default: preset = '' } of listOptions()) {
    const cells = [`\`${key}\``, meaning, expected, preset].map((cell) =>
      cell.replaceAll('|', '\\|'),
    );
    expect(guide).toContain(`| ${cells.join(' | ')} |`);
  }
});
