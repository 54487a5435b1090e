/**
 * Which files of a directory are segments, where nobody has said so: found out from all their names, or not
 * at all. What is taken for the newest segment is kept from being archived, so a guess is not good enough.
 */
import { join } from 'node:path';
import type { Disk } from '../disk/index.ts';
import { isMissing, reasonOf, sourceFailure, WalqError } from '../failure/index.ts';
import { circularLogs, knownLayouts, LayoutMatch } from './known-layouts.ts';
import { FamilyFinder, isNumbered, sameFamily, type NameFamily } from './name-family.ts';
import {
  compilePattern,
  logNaming,
  patternNaming,
  type NumberBase,
  type SegmentNaming,
} from './naming.ts';
import type { Source } from './source.ts';

type NamedDirectory = Pick<Source, 'name' | 'directory'>;

export interface RecognisedNaming {
  readonly naming: SegmentNaming;
  /** Some of the names that follow it. */
  readonly samples: readonly string[];
}

/**
 * The naming that all numbered files of a directory follow; undefined where there are none yet.
 *
 * @throws WalqError `segment-names-unclear`; `source-unavailable` where the directory cannot be listed
 */
export async function recogniseNaming(
  disk: Disk,
  source: NamedDirectory,
): Promise<RecognisedNaming | undefined> {
  const families = new FamilyFinder();
  const layouts = knownLayouts.map((layout) => new LayoutMatch(layout));
  let hasStatusFolder = false;
  for await (const name of namesOf(disk, source)) {
    if (name === 'archive_status') hasStatusFolder = true;
    if (!isNumbered(name)) continue;
    families.add(name);
    for (const layout of layouts) layout.add(name);
  }
  const known = await fitting(disk, source, layouts);
  if (known === undefined) return ofFamilies(disk, source, families);
  if (hasStatusFolder && known.engine === 'PostgreSQL') throw recycledAhead(source);
  return known;
}

/**
 * The naming of all names that differ from this one in their numbers alone, whatever else is there; undefined
 * for a name without a number.
 *
 * @throws WalqError `segment-names-unclear`; `source-unavailable` where the directory cannot be listed
 */
export async function namingLike(
  disk: Disk,
  source: NamedDirectory,
  like: string,
): Promise<SegmentNaming | undefined> {
  const layout = knownLayouts.find((one) => one.sign === undefined && one.segment.test(like));
  if (layout !== undefined && layout.fileBeside === undefined) {
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
    const what = isMissing(cause) ? 'is not there' : reasonOf(cause);
    throw new WalqError('source-unavailable', {
      message: `unable to list source '${source.name}' at ${source.directory}: ${what}`,
      cause,
    });
  }
}

/** The one engine that explains every numbered file, where there is one. */
async function fitting(
  disk: Disk,
  source: NamedDirectory,
  layouts: readonly LayoutMatch[],
): Promise<(RecognisedNaming & { engine: string }) | undefined> {
  for (const match of layouts.filter((one) => one.mayFit)) {
    const { fileBeside, misfits, layout } = match;
    const needed = fileBeside === undefined ? [] : [fileBeside];
    if ((await filesAmong(disk, source, needed)).length < needed.length) continue;
    if ((await filesAmong(disk, source, misfits)).length > 0) continue;
    const naming = patternNaming(compilePattern(match.pattern), layout.base);
    const { engine, others } = layout;
    return { engine, naming: withStrangers(naming, others), samples: match.samples };
  }
  return undefined;
}

async function ofFamilies(
  disk: Disk,
  source: NamedDirectory,
  finder: FamilyFinder,
): Promise<RecognisedNaming | undefined> {
  if (finder.hasTooMany) throw unclear(source, 'its files have names of many kinds', []);
  const families: NameFamily[] = [];
  for (const family of finder.families) {
    const areFew = family.count <= family.some.length;
    if (areFew && (await filesAmong(disk, source, family.some)).length === 0) continue;
    refuseCircular(source, family.sample);
    families.push(family);
  }
  const [only, ...more] = families;
  if (only === undefined) return undefined;
  if (more.length > 0) {
    const kinds = families.slice(0, 4).map(({ shown, count }) => `${count} × '${shown}'`);
    throw unclear(source, `its files have names of several kinds: ${kinds.join(', ')}`, families);
  }
  return { naming: withStrangers(namingOf(source, only)), samples: only.some };
}

function namingOf(source: NamedDirectory, family: NameFamily): SegmentNaming {
  if (logNaming.parse(family.sample) !== undefined) return logNaming;
  const { certain } = family;
  if (certain !== undefined) return patternNaming(compilePattern(certain.pattern), certain.base);
  const why = `which part of names such as '${family.sample}' counts, and how, is not certain`;
  throw unclear(source, why, [family]);
}

/** Refuses what comes later and is of another kind: it may be the newest segment. */
const withStrangers = (naming: SegmentNaming, others?: RegExp): SegmentNaming => ({
  ...naming,
  isStranger: (name) =>
    naming.parse(name) === undefined && others?.test(name) !== true && isNumbered(name),
});

/** Directories, sockets and links are nobody's segments. */
export async function filesAmong(
  disk: Disk,
  { directory }: Pick<Source, 'directory'>,
  names: readonly string[],
): Promise<readonly string[]> {
  const files: string[] = [];
  for (const name of names) {
    const path = join(directory, name);
    const state = await disk.lstat(path).catch((error: unknown) => {
      if (!isMissing(error)) throw sourceFailure(`look at ${path}`, error);
    });
    if (state?.kind === 'file') files.push(name);
  }
  return files;
}

function refuseCircular(source: NamedDirectory, name: string): void {
  const log = circularLogs.find((one) => one.name.test(name));
  if (log === undefined) return;
  throw new WalqError('segment-names-unclear', {
    message: `${source.directory} holds ${log.engine} (${name}), which is written again and again under the same names: none of its files is ever sealed`,
    hint: 'Archive the log that the engine itself keeps for recovery, such as the binary log of MariaDB or MySQL.',
  });
}

const recycledAhead = ({ directory }: NamedDirectory): WalqError =>
  new WalqError('segment-names-unclear', {
    message: `${directory} is the pg_wal of a PostgreSQL server, which makes files ahead of the one that it writes: the newest file is not the newest segment`,
    hint: 'Use a source of type = "postgres"; docs/postgresql.md shows how.',
  });

/** Of a name that came later. */
export const strangerFound = (source: NamedDirectory, name: string): WalqError => {
  const finder = new FamilyFinder();
  finder.add(name);
  return unclear(source, `${name} is named otherwise than the segments`, finder.families);
};

function unclear(
  { name, directory }: NamedDirectory,
  why: string,
  families: readonly NameFamily[],
): WalqError {
  const proposals = families.slice(0, 3).map(({ proposed }) => sayPattern(proposed));
  return new WalqError('segment-names-unclear', {
    message: `unable to tell which files in ${directory} are segments of source '${name}': ${why}`,
    hint:
      proposals.length === 0
        ? 'Set the pattern of the segments, with one group (?<number>…), in [sources.<name>], or with walq archive --pattern.'
        : `Set the pattern of the segments in [sources.${name}], or with walq archive --pattern: ${proposals.join(', or ')}.`,
  });
}

const sayPattern = ({ pattern, base }: { pattern: string; base: NumberBase }): string =>
  base === 16 ? `'${pattern}' (number_base = 16)` : `'${pattern}'`;
