/** The three kinds of source, with the defaults that `walq.toml` has too. */
import { basename, join, resolve } from 'node:path';
import {
  anyNumberedNaming,
  logNaming,
  patternNaming,
  type NumberBase,
  type SegmentNaming,
} from './naming.ts';
import { postgresNaming } from './postgres-naming.ts';
import type { Source } from './source.ts';

const POSTGRES_SEGMENT_BYTES = 16 * 1024 * 1024;

export interface LogSourceOptions {
  /** The directory that `openLog` was given. */
  readonly directory: string;
  /** The first part of every archive key: lower-case letters, digits and dashes. @default the directory's name */
  readonly name?: string;
  /** @default 'delete' */
  readonly afterArchive?: Source['afterArchive'] | undefined;
}

/** The segments of a log of `openLog`. They are archived once the watermark passes them. */
export function logSource({ directory, name, afterArchive }: LogSourceOptions): Source {
  const path = resolve(directory);
  return {
    name: name ?? basename(path),
    directory: path,
    type: 'log',
    naming: logNaming,
    sealedRule: { kind: 'watermark' },
    afterArchive: afterArchive ?? 'delete',
    consecutive: true,
  };
}

export interface DirectorySourceOptions {
  /** The first part of every archive key: lower-case letters, digits and dashes. */
  readonly name: string;
  readonly directory: string;
  /**
   * Which files are segments: a regular expression with one group `number`, which gives their order.
   *
   * @default recognised by the files when the source is opened; refused where that is not certain
   */
  readonly pattern?: RegExp | undefined;
  /** Base of the number. @default 10 */
  readonly numberBase?: NumberBase | undefined;
  /**
   * How many of the newest segments the engine may still write to. Only for engines that write no watermark. Their
   * segments are never deleted.
   *
   * @default none: a segment is archived once the watermark passes it
   */
  readonly skipNewest?: number | undefined;
  /** `delete` needs a watermark. @default 'keep' */
  readonly afterArchive?: Source['afterArchive'] | undefined;
  /** Whether an unused number is a missing segment. @default true where there is a pattern */
  readonly consecutive?: boolean | undefined;
}

/**
 * The segments that any engine writes to a directory.
 *
 * @throws WalqError `configuration-invalid` for a pattern without exactly one group `number`, or with a flag
 */
export function directorySource(options: DirectorySourceOptions): Source {
  const { pattern, skipNewest } = options;
  return {
    name: options.name,
    directory: resolve(options.directory),
    type: 'directory',
    naming: namingFor(options),
    sealedRule:
      skipNewest === undefined ? { kind: 'watermark' } : { kind: 'skip-newest', count: skipNewest },
    afterArchive: options.afterArchive ?? 'keep',
    consecutive: options.consecutive ?? pattern !== undefined,
  };
}

const namingFor = ({ pattern, numberBase = 10 }: DirectorySourceOptions): SegmentNaming =>
  pattern === undefined ? anyNumberedNaming : patternNaming(pattern, numberBase);

export interface PostgresSourceOptions {
  /** The first part of every archive key: lower-case letters, digits and dashes. */
  readonly name: string;
  /** The server's data directory, which holds `pg_wal`. */
  readonly dataDirectory: string;
  /** Where walq keeps its records of the source. @default the data directory's path with `.walq` appended */
  readonly stateDirectory?: string | undefined;
  /** As set by `initdb --wal-segsize`. Where the data directory is readable, its own value is used. @default 16 MiB */
  readonly segmentBytes?: number;
}

/** The WAL of a PostgreSQL server. Its `archive_status` marks files as ready; PostgreSQL removes them itself. */
export function postgresSource(options: PostgresSourceOptions): Source {
  const dataDirectory = resolve(options.dataDirectory);
  const { segmentBytes = POSTGRES_SEGMENT_BYTES, stateDirectory = `${dataDirectory}.walq` } =
    options;
  return {
    name: options.name,
    directory: join(dataDirectory, 'pg_wal'),
    type: 'postgres',
    naming: postgresNaming(segmentBytes),
    sealedRule: { kind: 'ready', dataDirectory, stateDirectory: resolve(stateDirectory) },
    afterArchive: 'keep',
    consecutive: true,
  };
}
