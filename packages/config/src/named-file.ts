/** Files that the configuration names: passwords, tokens, certificates. */
import { resolve } from 'node:path';
import { readLinkedFile, type Disk, reasonOf } from '@walq/wal-core/internal';
import { problemAt } from './problems.ts';
import { Secret } from './secret.ts';
import type { Settings } from './settings.ts';

export interface Reading {
  readonly disk: Disk;
  readonly settings: Settings;
  /** What is wrong with the files is added here. */
  readonly problems: string[];
}

/** What the file holds that stands at a key; undefined where none is named. */
export async function readNamedFile(
  { disk, settings, problems }: Reading,
  key: readonly string[],
  file: string | undefined,
): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const path = resolve(settings.originOf(key).baseDirectory, file);
  const text = await readLinkedFile(disk, path).catch((error: unknown) => {
    problems.push(problemAt(settings, key, `unable to read it: ${reasonOf(error)}`));
    return '';
  });
  if (text === undefined) {
    problems.push(problemAt(settings, key, `expected a file, found nothing at ${path}`));
  }
  return text;
}

/** As `readNamedFile`, for one secret alone in its file. */
export async function readSecret(
  reading: Reading,
  key: readonly string[],
  file: string | undefined,
): Promise<Secret | undefined> {
  const text = await readNamedFile(reading, key, file);
  return text === undefined ? undefined : new Secret(withoutLineEnd(text));
}

/** Editors and `echo` end a file with a newline that is no part of the secret. */
const withoutLineEnd = (text: string): string => text.replace(/\r?\n$/, '');
