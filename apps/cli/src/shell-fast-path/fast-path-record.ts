/**
 * The record from which the shell fast path (apps/cli/bin/walq) answers PostgreSQL without starting Node: a
 * directory, and the call of the command that it applies to. If anything differs, the script starts Node.
 * Nine lines: version, directory, arguments, configuration file, its state, values of two variables, name of a
 * third that must not be set, and the working directory. docs/FORMAT.md specifies them.
 */
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { markerText, readSmallFile, writeFileDurably, nodeDisk } from '@walq/wal-core/light';
import { warn } from '../terminal/print.ts';

interface FastPathRecord {
  /** `push`: the directory holds markers; `fetch`: it holds the pipes of the process that fetches ahead. */
  readonly kind: 'push' | 'fetch';
  /** walq's state directory of this data directory. */
  readonly stateDirectory: string;
  readonly directory: string;
  readonly source: string;
  /** Arguments after those that PostgreSQL fills in, unchanged. */
  readonly args: readonly string[];
  /** The configuration file that was read; undefined if there was none. */
  readonly configFile: string | undefined;
}

const VERSION = 'walq-fast-path 1';

/** Never fails: without the record each call starts Node, which is only slower. */
export async function writeFastPathRecord(record: FastPathRecord): Promise<void> {
  try {
    await writeIfChanged(record);
  } catch (error) {
    warn(`walq: unable to write the record of the shell fast path: ${String(error)}`);
  }
}

async function writeIfChanged(record: FastPathRecord): Promise<void> {
  const path = join(record.stateDirectory, `${record.kind}-fast-path`);
  const text = await fastPathText(record);
  if (text === undefined || (await readSmallFile(nodeDisk, path)) === text) return;
  await nodeDisk.makeDirectory(record.stateDirectory);
  await writeFileDurably(nodeDisk, path, text);
}

/** Undefined if a shell could misread a line. */
async function fastPathText(record: FastPathRecord): Promise<string | undefined> {
  const { directory, args, configFile, source } = record;
  const { env } = process;
  const lines = [
    VERSION,
    directory,
    args.join(' '),
    configFile ?? '',
    await configurationState(configFile),
    env['WALQ_CONFIG'] ?? '',
    env['WALQ_ARCHIVE__URL'] ?? '',
    `WALQ_SOURCES__${source.toUpperCase().replaceAll('-', '_')}__ARCHIVE`,
    // PostgreSQL runs the command in its data directory; the path has no symbolic links.
    process.cwd(),
  ];
  if (lines.some((line) => line.includes('\n'))) return undefined;
  return `${lines.join('\n')}\n`;
}

/** What distinguishes a configuration file from any other state of it; empty where there is none. */
export async function configurationState(path: string | undefined): Promise<string> {
  if (path === undefined) return '';
  return markerText(await nodeDisk.lstat(await realpath(path))).trimEnd();
}
