import { readFile } from 'node:fs/promises';
import { inProject } from '../project.mjs';
import { runTool } from './run-tool.mjs';

/** A map is worth nothing where it is wrong: each file and folder that ARCHITECTURE.md names is there. */
export async function checkArchitecture() {
  const text = await readFile(inProject('ARCHITECTURE.md'), 'utf8');
  const listed = runTool('git', ['ls-files', '--cached', '--others', '--exclude-standard']);
  const files = listed.stdout.split('\n').map((file) => `/${file}`);
  const named = [...drawn(text), ...quoted(text)];
  const gone = named.filter((path) => !files.some((file) => file.includes(`/${path}`)));
  const output = gone.map((path) => `ARCHITECTURE.md names ${path}, which is not there`).join('\n');
  return { ok: named.length > 0 && gone.length === 0, output };
}

/** The folders of the tree: a line without indentation names the folder of those below it. */
function drawn(text) {
  let above = '';
  return text.split('\n').flatMap((line) => {
    const [, indent, folders] = /^( {0,2})((?:[\w./-]+\/ ?)+)/.exec(line) ?? [];
    if (folders === undefined) return [];
    if (indent === '') above = folders.trim();
    const root = above === 'packages/wal-core/' ? `${above}src/` : above;
    return folders
      .trim()
      .split(' ')
      .map((folder) => (indent === '' ? folder : inRoot(root, folder)));
  });
}

const inRoot = (root, folder) =>
  /^(bench|test|deploy)/.test(folder) || !root.startsWith('packages/wal-core')
    ? folder
    : root + folder;

function quoted(text) {
  return [...text.matchAll(/`([\w./-]+)`/g)]
    .map(([, path]) => path)
    .filter((path) => /\/$|\.(ts|mjs|md)$/.test(path) && !path.startsWith('.'));
}
