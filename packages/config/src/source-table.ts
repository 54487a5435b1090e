import { z } from 'zod';
import { reasonOf, compilePattern } from '@walq/wal-core/internal';
import { ARCHIVE_URL_EXPECTED, readArchiveUrl } from './archive-url.ts';
import { option, reportKey, reportValue } from './option.ts';

const text = z.string().min(1);
export const archiveUrl = z.string().superRefine((text, context) => {
  const { fault } = readArchiveUrl(text, '/');
  if (fault !== undefined) reportValue(context, fault);
});

/** One `[sources.<name>]`, and which of its keys may stand together. */
export const sourceTable = z
  .strictObject({
    type: option(z.enum(['log', 'directory', 'postgres']), {
      meaning: 'what kind of segments the directory holds',
      expected: '"log", "directory" or "postgres"',
    }),
    path: option(text, {
      meaning: 'the directory of the segments; of PostgreSQL its data directory',
      expected: 'the path of a directory',
    }),
    pattern: option(text.optional(), {
      meaning: 'which file names are segments, and where in them the number stands (directory)',
      expected: "a regular expression with one group, such as '^wal-(?<number>\\d+)\\.bin$'",
      default: 'found out from the files; refused where that is not certain',
    }),
    number_base: option(z.literal([10, 16]).optional(), {
      meaning: 'in which base the number in a name is written (directory with pattern)',
      expected: '10 or 16',
      default: '10',
    }),
    consecutive: option(z.boolean().optional(), {
      meaning:
        'takes a number that is left out for a missing segment; false for engines that skip numbers (directory)',
      expected: 'true or false',
      default: 'true with a pattern, else false',
    }),
    skip_newest: option(z.int().min(1).max(1_000_000).optional(), {
      meaning:
        'takes all but the files of this many highest numbers as sealed, where no engine writes a watermark; such sources are always kept (directory)',
      expected: 'an integer from 1',
      unit: 'segments',
    }),
    after_archive: option(z.enum(['delete', 'keep']).optional(), {
      meaning: 'what becomes of a source segment once it is archived',
      expected: '"delete" or "keep"',
      default: '"delete" for a log, else "keep"',
    }),
    state: option(text.optional(), {
      meaning:
        'where walq keeps its own records of this source, outside the data directory and on this machine (postgres)',
      expected: 'the path of a directory',
      default: 'the data directory’s path with ".walq" behind it',
    }),
    archive: option(archiveUrl.optional(), {
      meaning: 'an archive of this source’s own',
      expected: ARCHIVE_URL_EXPECTED,
      default: 'archive.url',
    }),
  })
  .superRefine((source, context) => {
    if (source.type === 'directory') reportContradictions(source, context);
    else reportForeignKeys(source, context);
    if (source.type !== 'postgres') reportState(source, context);
    else reportDeleting(source, context);
  });

export type SourceTable = z.infer<typeof sourceTable>;

function reportForeignKeys(source: SourceTable, context: z.RefinementCtx): void {
  for (const key of ['pattern', 'number_base', 'consecutive', 'skip_newest'] as const) {
    reportKey(
      context,
      key,
      source[key] !== undefined,
      `expected nothing in a source of type "${source.type}", which names and seals its own segments`,
    );
  }
}

function reportState(source: SourceTable, context: z.RefinementCtx): void {
  const words =
    'expected nothing: only a source of type "postgres" has records outside of its path';
  reportKey(context, 'state', source.state !== undefined, words);
}

function reportDeleting(source: SourceTable, context: z.RefinementCtx): void {
  const words = 'expected "keep", found "delete": PostgreSQL recycles its own files';
  reportKey(context, 'after_archive', source.after_archive === 'delete', words);
}

function reportContradictions(source: SourceTable, context: z.RefinementCtx): void {
  const deletes = source.after_archive === 'delete';
  reportKey(context, 'pattern', true, faultOf(source.pattern));
  reportKey(
    context,
    'number_base',
    source.number_base !== undefined && source.pattern === undefined,
    'says how to read the number of a pattern, but no pattern is given',
  );
  reportKey(
    context,
    'after_archive',
    deletes && source.skip_newest !== undefined,
    'expected "keep", found "delete": skip_newest only guesses what is flushed; to delete, let the engine write a watermark',
  );
  reportKey(
    context,
    'after_archive',
    deletes && source.pattern === undefined,
    'expected "keep", found "delete": only what a pattern names as a segment may be deleted',
  );
}

function faultOf(pattern: string | undefined): string | undefined {
  try {
    if (pattern !== undefined) compilePattern(pattern);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/** A source's name is a slug, because it is the first part of every key and of the queue's name. */

export const SOURCE_NAME_EXPECTED =
  'a name of lower-case letters, digits and dashes, 63 characters at most';

const slug = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export const isSourceName = (name: string): boolean => slug.test(name);

/** The nearest source name to a text such as a directory's name; undefined when nothing is left. */
export function toSourceName(text: string): string | undefined {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, '');
  return isSourceName(name) ? name : undefined;
}
