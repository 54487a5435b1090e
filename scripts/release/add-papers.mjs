import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inProject } from '../project.mjs';

const papers = ['LICENSE', 'README.md', 'CHANGELOG.md', 'docs', 'deploy'];

/** What a reader needs without the repository, and whose work is within. */
export async function addPapers(tree) {
  for (const name of papers) {
    await cp(inProject(name), join(tree, name), { recursive: true });
  }
  const lines = await licences(join(tree, 'node_modules'));
  await writeFile(join(tree, 'THIRD-PARTY.txt'), `${lines.join('\n')}\n`);
}

async function licences(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = new Set();
  for (const { name, parentPath } of entries) {
    if (name !== 'package.json' || !/node_modules\/(@[^/]+\/)?[^/]+$/.test(parentPath)) continue;
    const text = await readFile(join(parentPath, name), 'utf8');
    const about = JSON.parse(text);
    if (about.name && !about.name.startsWith('@walq/')) {
      found.add(`${about.name} ${about.version}: ${about.license ?? 'see its folder'}`);
    }
  }
  return [...found].toSorted((a, b) => a.localeCompare(b, 'en'));
}
