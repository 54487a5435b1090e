import { execFileSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { create } from 'tar';
import { projectRoot } from '../project.mjs';

/** The same tree always makes the same tarball: sorted, of one time, of nobody. */
export async function packTree(tree, file) {
  const cwd = dirname(tree);
  const entries = await readdir(tree, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(cwd, join(entry.parentPath, entry.name)))
    .toSorted();
  create(
    {
      file,
      cwd,
      gzip: { level: 9 },
      sync: true,
      portable: true,
      mtime: releaseTime(),
      noDirRecurse: true,
    },
    files.filter((path) => path.startsWith(basename(tree))),
  );
}

/** SOURCE_DATE_EPOCH, else when the last commit was made, else the beginning of time. */
export function releaseTime() {
  const said = process.env.SOURCE_DATE_EPOCH;
  return new Date(Number(said ?? commitSeconds()) * 1_000);
}

function commitSeconds() {
  try {
    const args = ['log', '-1', '--format=%ct'];
    return execFileSync('git', args, { cwd: projectRoot, encoding: 'utf8' }).trim();
  } catch {
    return 0;
  }
}
