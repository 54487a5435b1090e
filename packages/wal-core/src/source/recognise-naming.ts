/**
 * Recognises which files of a directory are segments, where no pattern is configured. It reads all names, and refuses
 * when it is not certain: the newest segment must not be archived, so a guess is not good enough.
 */
import { join } from 'node:path';
import type { Disk } from '../base/disk/disk.ts';
import { ifPresent, isMissing, reasonOf, sourceFailure } from '../base/failure/system-error.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { circularLogs, knownLayouts, LayoutMatch } from './known-layouts.ts';
import {
  FamilyFinder,
  isHexadecimalWord,
  isNumbered,
  sameFamily,
  type NameFamily,
} from './name-family.ts';
import {
  compilePattern,
  logNaming,
  patternNaming,
  type NumberBase,
  type SegmentNaming,
} from './naming.ts';
import type { Source } from './source.ts';
import { whyUnordered } from './unordered-names.ts';

type NamedDirectory = Pick<Source, 'name' | 'directory'>;

export interface RecognisedNaming {
  readonly naming: SegmentNaming;
  /** Some of the names that match. */
  readonly samples: readonly string[];
}

/**
 * The naming of all numbered files of a directory; undefined where there are none yet.
 *
 * @throws WalqError `segment-names-unclear`; `source-unavailable` where the directory cannot be listed
 */
export async function recogniseNaming(
  disk: Disk,
  source: NamedDirectory,
): Promise<RecognisedNaming | undefined> {
  const families = new FamilyFinder();
  const layouts = knownLayouts.map((layout) => new LayoutMatch(layout));
  const words: string[] = [];
  let hasStatusFolder = false;
  for await (const name of namesOf(disk, source)) {
    if (name === 'archive_status') hasStatusFolder = true;
    if (isHexadecimalWord(name) && words.length < WORDS_MAX) words.push(name);
    if (!isNumbered(name)) continue;
    families.add(name);
    for (const layout of layouts) layout.add(name);
  }
  const known = await findFittingLayout(disk, source, layouts);
  if (known === undefined) return recogniseFamilies(disk, source, families, words);
  if (hasStatusFolder && known.engine === 'PostgreSQL') throw isPostgresDirectory(source);
  return known;
}

/**
 * The naming of all names that differ from this one in their numbers only; other files are ignored. Undefined for a
 * name without a number.
 *
 * @throws WalqError `segment-names-unclear`; `source-unavailable` where the directory cannot be listed
 */
export async function namingLike(
  disk: Disk,
  source: NamedDirectory,
  like: string,
): Promise<SegmentNaming | undefined> {
  const layout = knownLayouts.find((one) => one.sign === undefined && one.segment.test(like));
  if (layout !== undefined && layout.companionFile === undefined) {
    const match = new LayoutMatch(layout);
    match.add(like);
    return patternNaming(compilePattern(match.pattern), layout.base);
  }
  const families = new FamilyFinder();
  families.add(like);
  for await (const name of namesOf(disk, source)) if (sameFamily(name, like)) families.add(name);
  const [family] = families.families;
  return family === undefined ? undefined : namingOf(source, family);
}

async function* namesOf(disk: Disk, source: NamedDirectory): AsyncGenerator<string> {
  try {
    for await (const names of disk.list(source.directory)) yield* names;
  } catch (cause) {
    const what = isMissing(cause) ? 'it does not exist' : reasonOf(cause);
    throw new WalqError('source-unavailable', {
      message: `unable to list source '${source.name}' at ${source.directory}: ${what}`,
      cause,
    });
  }
}

/** The engine whose layout matches every numbered file, if any. */
async function findFittingLayout(
  disk: Disk,
  source: NamedDirectory,
  layouts: readonly LayoutMatch[],
): Promise<(RecognisedNaming & { engine: string }) | undefined> {
  for (const match of layouts.filter((one) => one.mayFit)) {
    const { companionFile, misfits, layout } = match;
    const needed = companionFile === undefined ? [] : [companionFile];
    if ((await filesAmong(disk, source, needed)).length < needed.length) continue;
    if ((await filesAmong(disk, source, misfits)).length > 0) continue;
    const naming = patternNaming(compilePattern(match.pattern), layout.base);
    const { engine, others } = layout;
    return { engine, naming: rejectingUnrecognised(naming, others), samples: match.samples };
  }
  return undefined;
}

async function recogniseFamilies(
  disk: Disk,
  source: NamedDirectory,
  finder: FamilyFinder,
  words: readonly string[],
): Promise<RecognisedNaming | undefined> {
  if (finder.hasTooMany) throw unclear(source, 'its files have names of many kinds', []);
  const families: NameFamily[] = [];
  for (const family of finder.families) {
    const areFew = family.count <= family.samples.length;
    if (areFew && (await filesAmong(disk, source, family.samples)).length === 0) continue;
    assertNotCircular(source, family.sample);
    await assertNotRotated(disk, source, family);
    families.push(family);
  }
  const [only, ...more] = families;
  if (only === undefined) return undefined;
  if (more.length > 0) {
    const kinds = families.slice(0, 4).map(({ shown, count }) => `${count} × '${shown}'`);
    throw unclear(source, `its files have names of several kinds: ${kinds.join(', ')}`, families);
  }
  const naming = namingOf(source, only);
  const alike = words.filter((name) => naming.parse(name) === undefined && isInBase16(only, name));
  const [word] = await filesAmong(disk, source, alike);
  if (word !== undefined) throw hexadecimalAmong(source, only, word);
  return { naming: rejectingUnrecognised(naming, undefined, only), samples: only.samples };
}

const WORDS_MAX = 64;

function namingOf(source: NamedDirectory, family: NameFamily): SegmentNaming {
  if (logNaming.parse(family.sample) !== undefined) return logNaming;
  assertOrdered(source, family);
  const { certain } = family;
  if (certain !== undefined) return patternNaming(compilePattern(certain.pattern), certain.base);
  const why = `it is not certain which part of names such as '${family.sample}' is the counter, and in which base`;
  throw unclear(source, why, [family]);
}

/** Reports a later file of another kind as unrecognised: it may be the newest segment. */
const rejectingUnrecognised = (
  naming: SegmentNaming,
  others?: RegExp,
  family?: NameFamily,
): SegmentNaming => ({
  ...naming,
  isUnrecognised: (name) =>
    naming.parse(name) === undefined &&
    others?.test(name) !== true &&
    (isNumbered(name) || (family !== undefined && isInBase16(family, name))),
});

/** Whether a name such as `a.log` would follow `9.log`: the numbers may be hexadecimal without leading zeros. */
const isInBase16 = (family: NameFamily, name: string): boolean =>
  isHexadecimalWord(name) && new RegExp(family.proposedIn16(name).pattern, 'u').test(name);

const hexadecimalAmong = (source: NamedDirectory, family: NameFamily, name: string): WalqError =>
  new WalqError('segment-names-unclear', {
    message: `unable to recognise the segments of source '${source.name}' in ${source.directory}: ${name} may be a hexadecimal number, as that of ${family.sample} may be`,
    hint: `Set the pattern of the segments in [sources.${source.name}], or with walq archive --pattern: ${showPattern(family.proposedIn16(name))}, or ${showPattern(family.proposed)}.`,
  });

/** Those of the names that are regular files: directories, sockets and links are not segments. */
export async function filesAmong(
  disk: Disk,
  { directory }: Pick<Source, 'directory'>,
  names: readonly string[],
): Promise<readonly string[]> {
  const files: string[] = [];
  for (const name of names) {
    const path = join(directory, name);
    const state = await ifPresent(disk.lstat(path), (error) =>
      sourceFailure(`stat ${path}`, error),
    );
    if (state?.kind === 'file') files.push(name);
  }
  return files;
}

function assertNotCircular(source: NamedDirectory, name: string): void {
  const log = circularLogs.find((one) => one.name.test(name));
  if (log === undefined) return;
  throw new WalqError('segment-names-unclear', {
    message: `${source.directory} holds ${log.engine} (${name}), whose files are overwritten under the same names: none of them is ever sealed`,
    hint: 'Archive the log that the engine keeps for recovery instead, such as the binary log of MariaDB or MySQL.',
  });
}

/** `app.log.1` next to `app.log`: each rotation renumbers the files, and the lowest number is the newest. */
async function assertNotRotated(
  disk: Disk,
  source: NamedDirectory,
  { texts, sample, proposed }: NameFamily,
): Promise<void> {
  const [before = '', after = '', more] = texts;
  const isLikeRotated = /.\.$/.test(before) && /^(?:\.\w+)?$/.test(after) && more === undefined;
  const rotated = before.slice(0, -1);
  if (!isLikeRotated || (await filesAmong(disk, source, [rotated])).length === 0) return;
  throw new WalqError('segment-names-unclear', {
    message: `unable to recognise the segments of source '${source.name}' in ${source.directory}: ${sample} next to ${rotated} suggests a rotated log, in which each rotation renames the sealed files`,
    hint: `If no file is ever renamed and higher numbers are newer, set the pattern of the segments in [sources.${source.name}], or with walq archive --pattern: ${showPattern(proposed)}. Otherwise make the engine name its files by a counter or a date such as 20261130.`,
  });
}

function assertOrdered(source: NamedDirectory, { sample, isHashLike }: NameFamily): void {
  const why = whyUnordered(sample, isHashLike);
  if (why === undefined) return;
  throw new WalqError('segment-names-unclear', {
    message: `unable to order the files in ${source.directory}: the name ${sample} ${why}`,
    hint: 'Make the engine name its segments by one number that grows: a counter, or a date such as 20261130.',
  });
}

const isPostgresDirectory = ({ directory }: NamedDirectory): WalqError =>
  new WalqError('segment-names-unclear', {
    message: `${directory} is the pg_wal of a PostgreSQL server, which creates files ahead of the one that it writes: the newest file is not the newest segment`,
    hint: 'Use a source of type = "postgres"; docs/postgresql/tutorial.md shows how.',
  });

/** For a file that was created after the naming was recognised. */
export const unrecognisedName = (source: NamedDirectory, name: string): WalqError => {
  const finder = new FamilyFinder();
  finder.add(name);
  return unclear(source, `${name} has a different name than the segments`, finder.families);
};

function unclear(
  { name, directory }: NamedDirectory,
  why: string,
  families: readonly NameFamily[],
): WalqError {
  const proposals = families.slice(0, 3).map(({ proposed }) => showPattern(proposed));
  return new WalqError('segment-names-unclear', {
    message: `unable to recognise the segments of source '${name}' in ${directory}: ${why}`,
    hint:
      proposals.length === 0
        ? `Set the pattern of the segments, with one group (?<number>…), in [sources.${name}], or with walq archive --pattern.`
        : `Set the pattern of the segments in [sources.${name}], or with walq archive --pattern: ${proposals.join(', or ')}.`,
  });
}

const showPattern = ({ pattern, base }: { pattern: string; base: NumberBase }): string =>
  base === 16 ? `'${pattern}' (number_base = 16)` : `'${pattern}'`;
