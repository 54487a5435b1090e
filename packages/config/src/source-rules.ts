/** Rules between the sources. They are checked on the tree as written, even if the schema reports other problems. */
import { resolve } from 'node:path';
import { ARCHIVE_URL_EXPECTED } from './archive-url.ts';
import { problemAt, valueAt } from './problems.ts';
import type { Settings } from './settings.ts';
import { isSourceName, SOURCE_NAME_EXPECTED } from './source-table.ts';

export function sourceProblems(settings: Settings): string[] {
  const sources = valueAt(settings.tree, ['sources']);
  if (typeof sources !== 'object' || sources === null) return [];
  const names = Object.keys(sources);
  return [
    ...names.flatMap((name) => nameProblem(settings, name)),
    ...sharedPathProblems(settings, names),
    ...names.flatMap((name) => stateProblem(settings, name)),
    ...archiveProblem(settings, names),
  ];
}

function nameProblem(settings: Settings, name: string): string[] {
  if (isSourceName(name)) return [];
  return [problemAt(settings, ['sources', name], `expected ${SOURCE_NAME_EXPECTED}`)];
}

function sharedPathProblems(settings: Settings, names: readonly string[]): string[] {
  const owners = new Map<string, string>();
  return names.flatMap((name) => {
    const directory = directoryOf(settings, name);
    if (directory === undefined) return [];
    const owner = owners.get(directory);
    owners.set(directory, owner ?? name);
    if (owner === undefined) return [];
    const words = `expected a directory of its own, found the one of sources.${owner}`;
    return [problemAt(settings, ['sources', name, 'path'], words)];
  });
}

/** In the data directory, the records would be copied together with it. */
function stateProblem(settings: Settings, name: string): string[] {
  const data = directoryOf(settings, name);
  const state = directoryOf(settings, name, 'state');
  if (data === undefined || state === undefined || !`${state}/`.startsWith(`${data}/`)) return [];
  const words = 'expected a directory outside the data directory';
  return [problemAt(settings, ['sources', name, 'state'], words)];
}

function directoryOf(settings: Settings, name: string, option = 'path'): string | undefined {
  const key = ['sources', name, option];
  const path = valueAt(settings.tree, key);
  if (typeof path !== 'string' || path === '') return undefined;
  return resolve(settings.originOf(key).baseDirectory, path);
}

function archiveProblem(settings: Settings, names: readonly string[]): string[] {
  if (valueAt(settings.tree, ['archive', 'url']) !== undefined) return [];
  const without = names.filter(
    (name) => valueAt(settings.tree, ['sources', name, 'archive']) === undefined,
  );
  if (without.length === 0) return [];
  const words = `expected ${ARCHIVE_URL_EXPECTED}, found nothing, for ${without.join(', ')}`;
  return [problemAt(settings, ['archive', 'url'], words)];
}
