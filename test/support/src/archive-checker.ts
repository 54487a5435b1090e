/**
 * Lists what is wrong with an archive, by its files and with the tools `zstd` and `cmp`. Shares no
 * code with walq: it knows docs/FORMAT.md alone.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';

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

/** Whether two files hold the same bytes, by the tool `cmp`. */
export async function sameContent(path: string, otherPath: string): Promise<boolean> {
  const cmp = spawn('cmp', ['-s', '--', path, otherPath], { stdio: 'ignore' });
  return (await exitCode(cmp)) === 0;
}

/**
 * Whether an object decodes to exactly the bytes of a file: `zstd -dc object | cmp - file`, with both
 * exit codes asked for.
 */
async function decodesTo(objectPath: string, path: string): Promise<boolean> {
  const zstd = spawn('zstd', ['-dcq', '--', objectPath], { stdio: ['ignore', 'pipe', 'ignore'] });
  const cmp = spawn('cmp', ['-s', '--', '-', path], { stdio: [zstd.stdout, 'ignore', 'ignore'] });
  // The pipe is between the two now; held open here, zstd would never hear that cmp has ended.
  zstd.stdout.destroy();
  const codes = await Promise.all([exitCode(zstd), exitCode(cmp)]);
  return codes.every((code) => code === 0);
}

async function exitCode(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

/** An object as any reader of the archive's directory sees it. */
interface VisibleObject {
  readonly path: string;
  /** Name of the segment that the file's name stands for; undefined where it stands for none. */
  readonly segment: string | undefined;
}

/** walq's own records next to the objects of a source. */
const RECORDS_FOLDER = '_walq';

/** Every file below a source's folder that is not hidden; a folder that is not there holds none. */
export async function visibleObjects(sourceFolder: string): Promise<VisibleObject[]> {
  const objects: VisibleObject[] = [];
  for (const shard of await visibleNames(sourceFolder)) {
    if (shard === RECORDS_FOLDER) continue;
    const folder = join(sourceFolder, shard);
    for (const name of await visibleNames(folder)) {
      objects.push({ path: join(folder, name), segment: segmentOf(name) });
    }
  }
  return objects;
}

/** Hidden files below a source's folder: what is being written, and what killed writers left. */
export async function hiddenFiles(sourceFolder: string): Promise<string[]> {
  const found: string[] = [];
  for (const shard of await visibleNames(sourceFolder)) {
    if (shard !== RECORDS_FOLDER) found.push(...(await names(join(sourceFolder, shard))));
  }
  return found.filter((name) => name.startsWith('.'));
}

const visibleNames = async (folder: string): Promise<string[]> =>
  (await names(folder)).filter((name) => !name.startsWith('.'));

async function names(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).toSorted();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

function segmentOf(fileName: string): string | undefined {
  if (!fileName.endsWith('.zst')) return undefined;
  return decodeURIComponent(fileName.slice(0, -'.zst'.length));
}
