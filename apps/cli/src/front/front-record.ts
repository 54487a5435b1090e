/**
 * What the POSIX-sh front of the command (apps/cli/bin/walq) needs to answer PostgreSQL without starting
 * Node: a directory, and for which call of the command it holds. A front that finds anything else than it
 * expects starts Node. Nine lines: version, directory, arguments, configuration, its state, what two
 * variables hold, the name of a third, which must not be set, and the working directory.
 */
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { markerText, readSmallFile, writeFileDurably, type Disk } from '@walq/wal-core/internal';

export interface FrontRecord {
  /** `push`: of markers; `fetch`: of files that were fetched ahead. */
  readonly kind: 'push' | 'fetch';
  /** walq's own of the data directory. */
  readonly stateDirectory: string;
  readonly directory: string;
  readonly source: string;
  /** Arguments behind those that PostgreSQL writes, as they were given. */
  readonly args: readonly string[];
  /** The file that the configuration was read from; undefined where none was. */
  readonly configFile: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The data directory, in which PostgreSQL runs the command, without symbolic links. */
  readonly workingDirectory: string;
}

const VERSION = 'walq-front 1';

/** Writes the record where it is not there or says something else. */
export async function rememberFront(disk: Disk, record: FrontRecord): Promise<void> {
  const path = join(record.stateDirectory, `${record.kind}-front`);
  const text = await frontText(disk, record);
  if (text === undefined || (await readSmallFile(disk, path)) === text) return;
  await disk.makeDirectory(record.stateDirectory);
  await writeFileDurably(disk, path, text);
}

/** Undefined where a shell could read something else than was meant. */
async function frontText(disk: Disk, record: FrontRecord): Promise<string | undefined> {
  const { directory, args, configFile, source, env, workingDirectory } = record;
  const lines = [
    VERSION,
    directory,
    args.join(' '),
    configFile ?? '',
    configFile === undefined ? '' : await stateOf(disk, configFile),
    env['WALQ_CONFIG'] ?? '',
    env['WALQ_ARCHIVE__URL'] ?? '',
    `WALQ_SOURCES__${source.toUpperCase().replaceAll('-', '_')}__ARCHIVE`,
    workingDirectory,
  ];
  if (lines.some((line) => line.includes('\n'))) return undefined;
  return `${lines.join('\n')}\n`;
}

const stateOf = async (disk: Disk, path: string): Promise<string> =>
  markerText(await disk.lstat(await realpath(path))).trimEnd();
