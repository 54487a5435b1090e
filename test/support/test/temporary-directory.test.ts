import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryDirectory, type TemporaryDirectory } from '@walq/test-support';

let ofSuite: TemporaryDirectory;
let ofTest: TemporaryDirectory;

beforeAll(async () => {
  ofSuite = await temporaryDirectory('suite');
});
afterAll(() => ofSuite.remove());

test('a directory is there within the test', async () => {
  ofTest = await temporaryDirectory();
  await writeFile(ofTest.at('file'), 'text');
  expect(existsSync(ofTest.at('file'))).toBe(true);
});

test('and no longer after it, while that of the suite stays', () => {
  expect(existsSync(ofTest.path)).toBe(false);
  expect(existsSync(ofSuite.path)).toBe(true);
});
