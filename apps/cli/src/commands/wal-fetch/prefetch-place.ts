/** Where files are fetched ahead, and whether they are. */
import { nodeDisk, parseWalFile } from '@walq/wal-core/light';
import { lstat, readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Call } from '../../command-line/command.ts';
import { isOwn } from '../../sources/owner.ts';
import {
  aheadDirectory,
  stateDirectory,
  type FetchPlace,
  type FetchPlaceOptions,
} from './fetch-place.ts';
import { RequestPipes } from './request-pipes.ts';
import { isShellWaiting } from './waiting-shell.ts';

export interface PrefetchOptions extends FetchPlaceOptions {
  readonly ahead: number;
}

export interface PrefetchPlace {
  readonly stateDirectory: string;
  readonly directory: string;
}

/** Undefined where nothing is fetched ahead. */
export async function prefetchPlace(
  call: Call<PrefetchOptions>,
  place: FetchPlace,
): Promise<PrefetchPlace | undefined> {
  const [, destination = ''] = call.args;
  const state = stateDirectory();
  if (state === undefined || call.options.ahead === 0 || !isOfRecovery(call)) return undefined;
  if (!isShellWaiting() || (await isAdoptedByServer())) return undefined;
  // Run as another user, keep nothing: the server could not take the files.
  if (!(await isOwn('.'))) return undefined;
  const directory = aheadDirectory(state, place);
  if (await RequestPipes.areServed(directory)) return undefined;
  await nodeDisk.makeDirectory(directory);
  if (!(await isSameDevice(directory, dirname(destination)))) return undefined;
  return { stateDirectory: state, directory };
}

/** Whether this is the call of a server in recovery, in the form that the shell fast path understands. */
function isOfRecovery({ argv, args }: Call): boolean {
  const [name = '', destination = ''] = args;
  const [first, second, third] = argv;
  return (
    first === 'wal-fetch' &&
    second === name &&
    third === destination &&
    parseWalFile(name)?.kind === 'segment' &&
    basename(destination) === 'RECOVERYXLOG'
  );
}

/**
 * Whether what this command leaves running would become a child of the server in whose directory it runs: one that
 * is process 1, as in a container without an init. The server takes the end of a child that it does not know for a
 * crash of its own, unless it ends well, and then restarts all its processes; nothing ends well that is killed.
 */
async function isAdoptedByServer(): Promise<boolean> {
  const text = await readFile('postmaster.pid', 'utf8').catch(() => '');
  return text.split('\n', 1)[0]?.trim() === '1';
}

/** Files are delivered by a rename. Across filesystems that would be a copy that a reader sees partially. */
async function isSameDevice(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([lstat(one), lstat(other)]);
  return a.dev === b.dev;
}
