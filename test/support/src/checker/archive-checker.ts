/**
 * Tells what is wrong with an archive, by listing files and with the tools `zstd` and `cmp`. Shares no
 * code with walq: it knows docs/FORMAT.md alone.
 */
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { decodesTo, sameContent } from './same-content.ts';
import { visibleObjects, type VisibleObject } from './visible-objects.ts';

export interface CheckedPlace {
  /** Directory of copies that were kept aside, by the names of the segments. */
  readonly originals: string;
  /** The source's directory. */
  readonly source: string;
  /** The source's own folder within the archive. */
  readonly sourceFolder: string;
}

/** Sentences about what is wrong; none when all is well. */
export type Faults = readonly string[];

/**
 * What may never be, also in the middle of the work: an object that is not whole, or not of a segment,
 * or there twice; a segment that is neither at the source nor in the archive.
 */
export async function faultsAtAnyTime(place: CheckedPlace): Promise<Faults> {
  const atSource = await namesAt(place.source);
  const objects = await visibleObjects(place.sourceFolder);
  return [
    ...(await partialObjects(place, objects)),
    ...doubledSegments(objects),
    ...(await lostSegments(place, atSource, objects)),
  ];
}

/** What is wrong when all work is done: also what was not archived, and what was left at the source. */
export async function faultsAtTheEnd(
  place: CheckedPlace,
  { left, archived }: { left: readonly string[]; archived: readonly string[] },
): Promise<Faults> {
  const objects = await visibleObjects(place.sourceFolder);
  return [
    ...(await faultsAtAnyTime(place)),
    ...differences(
      'in the archive',
      archived,
      objects.map(({ segment }) => segment ?? ''),
    ),
    ...differences('at the source', left, await namesAt(place.source)),
  ];
}

async function partialObjects(
  { originals }: CheckedPlace,
  objects: readonly VisibleObject[],
): Promise<string[]> {
  const faults: string[] = [];
  for (const { path, segment } of objects) {
    if (segment === undefined) faults.push(`${path} is not named as an object`);
    else if (!(await isThere(join(originals, segment)))) faults.push(`${path} is of no segment`);
    else if (!(await decodesTo(path, join(originals, segment)))) {
      faults.push(`${path} does not decode to its segment`);
    }
  }
  return faults;
}

function doubledSegments(objects: readonly VisibleObject[]): string[] {
  const seen = new Set<string | undefined>();
  return objects.flatMap(({ path, segment }) => {
    if (seen.has(segment)) return [`${path} holds a segment that is in the archive twice`];
    seen.add(segment);
    return [];
  });
}

async function lostSegments(
  place: CheckedPlace,
  atSource: readonly string[],
  objects: readonly VisibleObject[],
): Promise<string[]> {
  const { originals, source } = place;
  const archived = new Set(objects.map(({ segment }) => segment));
  const faults: string[] = [];
  for (const name of await namesAt(originals)) {
    if (archived.has(name)) continue;
    if (!atSource.includes(name))
      faults.push(`${name} is neither at the source nor in the archive`);
    else if (!(await sameContent(join(originals, name), join(source, name)))) {
      if (!(await hasGoneOver(place, name))) faults.push(`${name} was changed at the source`);
    }
  }
  return faults;
}

/** A worker may have archived and deleted it since the listing; then it has to be in the archive, whole. */
async function hasGoneOver(place: CheckedPlace, name: string): Promise<boolean> {
  if (await isThere(join(place.source, name))) return false;
  const objects = await visibleObjects(place.sourceFolder);
  const its = objects.filter(({ segment }) => segment === name);
  return its.length === 1 && (await partialObjects(place, its)).length === 0;
}

function differences(
  where: string,
  expected: readonly string[],
  found: readonly string[],
): string[] {
  return [
    ...expected.filter((name) => !found.includes(name)).map((name) => `${name} is not ${where}`),
    ...found.filter((name) => !expected.includes(name)).map((name) => `${name} is still ${where}`),
  ];
}

/** Files of a directory, those of walq left out. */
const namesAt = async (directory: string): Promise<string[]> =>
  (await readdir(directory)).filter((name) => name !== '.walq').toSorted();

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
