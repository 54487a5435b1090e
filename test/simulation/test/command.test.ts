import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const main = `${import.meta.dirname}/../dist/main.js`;

test('npm run simulate runs some histories, or one again by its seed', async () => {
  const many = await run('node', [main, '--histories', '20', '--json']);
  expect(JSON.parse(many.stdout)).toMatchObject({ histories: 20 });
  const again = await run('node', [main, '--seed', '4711']);
  expect(again.stdout).toMatch(/^seed 4711: archived \d+/m);
});
