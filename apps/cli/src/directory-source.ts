/** A source from the command line alone, for `walq archive`. */
import { basename, resolve } from 'node:path';
import {
  compilePattern,
  isSourceName,
  patternNaming,
  reasonOf,
  SOURCE_NAME_EXPECTED,
  toSourceName,
  type SegmentNaming,
  type Source,
} from '@walq/wal-core';
import { namingLike, namingOfFiles } from './naming-of-files.ts';
import { UsageError } from './usage-error.ts';

export interface DirectoryOptions {
  readonly source?: string;
  readonly pattern?: string;
  readonly skipNewest?: number;
  readonly upTo?: string;
  readonly delete?: boolean;
}

export async function directorySource(text: string, options: DirectoryOptions): Promise<Source> {
  refuseContradictions(options);
  const directory = resolve(text);
  return {
    name: nameOf(directory, options.source),
    directory,
    type: 'directory',
    naming: await namingFor(directory, options),
    sealedRule:
      options.upTo === undefined
        ? { kind: 'skip-newest', count: options.skipNewest ?? 1 }
        : { kind: 'watermark' },
    afterArchive: options.delete === true ? 'delete' : 'keep',
    consecutive: options.pattern !== undefined,
  };
}

function refuseContradictions(options: DirectoryOptions): void {
  if (options.delete === true && options.upTo === undefined) {
    throw new UsageError(
      '--delete needs --up-to: only what is known to be flushed is deleted',
      'Name the last flushed segment with --up-to.',
    );
  }
  if (options.skipNewest !== undefined && options.upTo !== undefined) {
    throw new UsageError(
      '--skip-newest and --up-to both say what is sealed',
      'Leave one of them out.',
    );
  }
}

function nameOf(directory: string, given: string | undefined): string {
  const name = given ?? toSourceName(basename(directory));
  if (name !== undefined && isSourceName(name)) return name;
  throw new UsageError(
    `'${given ?? basename(directory)}' is no name for a source`,
    `Give --source ${SOURCE_NAME_EXPECTED}.`,
  );
}

/** Without a pattern, what may be deleted follows the name that was given, and no other file does. */
async function namingFor(directory: string, options: DirectoryOptions): Promise<SegmentNaming> {
  if (options.pattern !== undefined) return namingOfPattern(options.pattern);
  if (options.upTo === undefined) return namingOfFiles(directory);
  const naming = namingLike(options.upTo);
  if (naming !== undefined) return naming;
  throw new UsageError(
    `'${options.upTo}' has no number`,
    'Give --pattern with a group (?<number>…).',
  );
}

function namingOfPattern(pattern: string): SegmentNaming {
  try {
    return patternNaming(compilePattern(pattern), 10);
  } catch (error) {
    throw new UsageError(reasonOf(error), "For example --pattern '^wal-(?<number>\\d+)\\.bin$'.");
  }
}
