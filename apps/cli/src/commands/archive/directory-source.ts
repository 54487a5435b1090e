/** A source from the command line alone, for `walq archive`. */
import { basename, resolve } from 'node:path';
import {
  anyNumberedNaming,
  compilePattern,
  directorySource,
  namingLike,
  nodeDisk,
  patternNaming,
  reasonOf,
  type NumberBase,
  type SegmentNaming,
  type Source,
} from '@walq/wal-core/internal';
import { isSourceName, SOURCE_NAME_EXPECTED, toSourceName } from '@walq/config';
import { UsageError } from '../../command-line/usage-error.ts';

export interface DirectoryOptions {
  readonly source?: string;
  readonly pattern?: string;
  readonly numberBase?: NumberBase;
  readonly skipNewest?: number;
  readonly upTo?: string;
  readonly delete?: boolean;
}

export async function sourceFromArguments(
  text: string,
  options: DirectoryOptions,
): Promise<Source> {
  assertConsistent(options);
  const directory = resolve(text);
  const name = nameOf(directory, options.source);
  const { pattern, skipNewest = 1, upTo } = options;
  return {
    ...directorySource({
      name,
      directory,
      skipNewest: upTo === undefined ? skipNewest : undefined,
      afterArchive: options.delete === true ? 'delete' : 'keep',
      consecutive: pattern !== undefined,
    }),
    naming: await namingFor({ name, directory }, options),
  };
}

function assertConsistent(options: DirectoryOptions): void {
  if (options.delete === true && options.upTo === undefined) {
    throw new UsageError(
      '--delete requires --up-to: walq deletes only flushed segments',
      'Name the last flushed segment with --up-to.',
    );
  }
  if (options.numberBase !== undefined && options.pattern === undefined) {
    throw new UsageError(
      '--number-base requires --pattern',
      'Add --pattern, or remove --number-base.',
    );
  }
  if (options.skipNewest !== undefined && options.upTo !== undefined) {
    throw new UsageError(
      '--skip-newest and --up-to exclude each other: both define what is sealed',
      'Remove one of them.',
    );
  }
}

function nameOf(directory: string, given: string | undefined): string {
  const name = given ?? toSourceName(basename(directory));
  if (name !== undefined && isSourceName(name)) return name;
  throw new UsageError(
    `'${given ?? basename(directory)}' is not a valid source name`,
    `Set --source: ${SOURCE_NAME_EXPECTED}.`,
  );
}

/**
 * Without a pattern, only files named like `--up-to` are segments, because they may be deleted. Without
 * `--up-to` either, walq recognizes the segments by all names in the directory.
 */
async function namingFor(
  source: Pick<Source, 'name' | 'directory'>,
  options: DirectoryOptions,
): Promise<SegmentNaming> {
  if (options.pattern !== undefined) return namingOfPattern(options.pattern, options.numberBase);
  if (options.upTo === undefined) return anyNumberedNaming;
  const naming = await namingLike(nodeDisk, source, options.upTo);
  if (naming !== undefined) return naming;
  throw new UsageError(
    `'${options.upTo}' has no number`,
    'Set --pattern with a group (?<number>…).',
  );
}

function namingOfPattern(pattern: string, base: NumberBase = 10): SegmentNaming {
  try {
    return patternNaming(compilePattern(pattern), base);
  } catch (error) {
    throw new UsageError(reasonOf(error), "Write it like --pattern '^wal-(?<number>\\d+)\\.bin$'.");
  }
}
