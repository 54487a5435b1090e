/**
 * What the POSIX-sh front of the command (apps/cli/bin/walq) needs to answer PostgreSQL without starting
 * Node: a directory, and for which call of the command it holds. A front that finds anything else than it
 * expects starts Node. Nine lines: version, directory, arguments, configuration, its state, what two
 * variables hold, the name of a third, which must not be set, and the working directory.
 */
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { markerText, readSmallFile, writeFileDurably, nodeDisk } from '@walq/wal-core/internal';
import { note } from '../terminal/print.ts';

interface FastPathRecord {
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
}

const VERSION = 'walq-front 1';

/** Without the record each call of PostgreSQL starts Node, which is slower and no failure. */
export async function writeFastPathRecord(record: FastPathRecord): Promise<void> {
  try {
    await remember(record);
  } catch (error) {
    note(`walq: unable to prepare a faster answer for the next file: ${String(error)}`);
  }
}

/** Writes the record where it is not there or says something else. */
async function remember(record: FastPathRecord): Promise<void> {
  const path = join(record.stateDirectory, `${record.kind}-front`);
  const text = await fastPathText(record);
  if (text === undefined || (await readSmallFile(nodeDisk, path)) === text) return;
  await nodeDisk.makeDirectory(record.stateDirectory);
  await writeFileDurably(nodeDisk, path, text);
}

/** Undefined where a shell could read something else than was meant. */
async function fastPathText(record: FastPathRecord): Promise<string | undefined> {
  const { directory, args, configFile, source } = record;
  const { env } = process;
  const lines = [
    VERSION,
    directory,
    args.join(' '),
    configFile ?? '',
    configFile === undefined ? '' : await stateOf(configFile),
    env['WALQ_CONFIG'] ?? '',
    env['WALQ_ARCHIVE__URL'] ?? '',
    `WALQ_SOURCES__${source.toUpperCase().replaceAll('-', '_')}__ARCHIVE`,
    // The data directory, in which PostgreSQL runs the command, without symbolic links.
    process.cwd(),
  ];
  if (lines.some((line) => line.includes('\n'))) return undefined;
  return `${lines.join('\n')}\n`;
}

const stateOf = async (path: string): Promise<string> =>
  markerText(await nodeDisk.lstat(await realpath(path))).trimEnd();
