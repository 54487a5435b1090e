import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { projectRoot } from '../project.mjs';

/** Every test of the results that vitest left in these folders, with its file within the project. */
export async function readTests(folders) {
  const results = await Promise.all(folders.map(readFolder));
  return results.flat();
}

async function readFolder(folder) {
  const names = await readdir(folder).catch((error) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const texts = await Promise.all(
    names
      .filter((name) => name.endsWith('.json') && !name.endsWith('.leaks.json'))
      .map((name) => readFile(join(folder, name), 'utf8')),
  );
  return texts.flatMap((text) => testsOf(JSON.parse(text)));
}

function testsOf({ testResults = [] }) {
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map((test) => ({ ...test, file: relative(projectRoot, name) })),
  );
}
