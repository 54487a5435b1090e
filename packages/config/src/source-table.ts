import { z } from 'zod';
import { reasonOf, compilePattern } from '@walq/wal-core/internal';
import { ARCHIVE_URL_EXPECTED, readArchiveUrl } from './archive-url.ts';
import { option, reportKey, reportValue } from './option.ts';

const text = z.string().min(1);
export const archiveUrl = z.string().superRefine((text, context) => {
  const { fault } = readArchiveUrl(text, '/');
  if (fault !== undefined) reportValue(context, fault);
});

/** One `[sources.<name>]`, and which of its keys may be combined. */
export const sourceTable = z
  .strictObject({
    type: option(z.enum(['log', 'directory', 'postgres']), {
      meaning: 'kind of the source',
      expected: '"log", "directory" or "postgres"',
    }),
    path: option(text, {
      meaning: 'directory of the segments; for PostgreSQL, its data directory',
      expected: 'the path of a directory',
    }),
    pattern: option(text.optional(), {
      meaning: 'which file names are segments, and which part of them is the number (directory)',
      expected: "a regular expression with one group, such as '^wal-(?<number>\\d+)\\.bin$'",
      default: 'detected from the files; an error if that is ambiguous',
    }),
    number_base: option(z.literal([10, 16]).optional(), {
      meaning: 'base of the number in a file name (directory with pattern)',
      expected: '10 or 16',
      default: '10',
    }),
    consecutive: option(z.boolean().optional(), {
      meaning:
        'whether a skipped number means a missing segment; set false for engines that skip numbers (directory)',
      expected: 'true or false',
      default: 'true with a pattern, else false',
    }),
    skip_newest: option(z.int().min(1).max(1_000_000).optional(), {
      meaning:
        'for engines that write no watermark: all segments except this many of the highest numbers count as sealed; the source is always kept (directory)',
      expected: 'an integer from 1',
      unit: 'segments',
    }),
    after_archive: option(z.enum(['delete', 'keep']).optional(), {
      meaning: 'whether to delete or keep a source segment after it has been archived',
      expected: '"delete" or "keep"',
      default: '"delete" for a log, else "keep"',
    }),
    state: option(text.optional(), {
      meaning:
        'directory for walq’s own records of this source, on this host and outside the data directory (postgres)',
      expected: 'the path of a directory',
      default: 'the data directory’s path followed by ".walq"',
    }),
    archive: option(archiveUrl.optional(), {
      meaning: 'archive of this source',
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
      `only for sources of type "directory"; this source has type "${source.type}"`,
    );
  }
}

function reportState(source: SourceTable, context: z.RefinementCtx): void {
  const words = `only for sources of type "postgres"; this source has type "${source.type}"`;
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
    'needs a pattern, which is not set',
  );
  reportKey(
    context,
    'after_archive',
    deletes && source.skip_newest !== undefined,
    'expected "keep", found "delete": with skip_newest, walq only guesses what is flushed; to delete, let the engine write a watermark',
  );
  reportKey(
    context,
    'after_archive',
    deletes && source.pattern === undefined,
    'expected "keep", found "delete": walq deletes only files that match a pattern; set pattern',
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

/** A source's name is a slug, because it is part of every archive key and of the queue's name. */
export const SOURCE_NAME_EXPECTED =
  'a name of lower-case letters, digits and dashes, 63 characters at most';

const slug = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export const isSourceName = (name: string): boolean => slug.test(name);

/** A source name made from a text such as a directory's name; undefined if no character is usable. */
export function toSourceName(text: string): string | undefined {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, '');
  return isSourceName(name) ? name : undefined;
}
