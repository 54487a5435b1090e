/** Checks each call right before it is made, and what a power cut has left. */
import type { DiskCall, SimulatedFilesystem } from '@walq/conformance';
import type { World } from '../world/world.ts';
import { contentAt, decoded, durableContentAt, namesAt } from './peek.ts';
import { durableFloorOf, numberIn } from './peeked-floor.ts';
import { ARCHIVE, nameOf, numberOf, objectPath, type SourceTruth } from './truth.ts';

export interface Seen {
  readonly truths: readonly SourceTruth[];
  /** Holds a source's directory. */
  readonly filesystemOf: (truth: SourceTruth) => SimulatedFilesystem;
  readonly archive: () => SimulatedFilesystem;
}

export class Checker {
  readonly #world: World;
  readonly #seen: Seen;
  deletions = 0;
  publications = 0;
  removals = 0;

  constructor(world: World, seen: Seen) {
    this.#world = world;
    this.#seen = seen;
  }

  /** A call of walq that nothing can stop any more. */
  before(call: DiskCall, from: (path: string) => Buffer | undefined): void {
    const { operation, path, to = '' } = call;
    if (operation === 'unlink' && from(path) !== undefined) this.#beforeUnlink(path);
    if (operation === 'link' || operation === 'rename')
      this.#beforeNaming(operation, path, to, from);
    if (writing.has(operation) && isObject(path))
      this.#world.violated('I3', `${operation} on ${path}`);
    if (operation === 'openNew' && (isObject(path) || isRestored(path))) {
      this.#world.violated('I5', `${path} is there before it is whole`);
    }
  }

  /** After a power cut, or at the end: no engine's segment is nowhere. */
  checkNothingLost(when: string): void {
    const archive = this.#seen.archive();
    for (const truth of this.#seen.truths) {
      for (let number = 1; number <= truth.sealed; number += 1) {
        const name = nameOf(number);
        const path = `${truth.source.directory}/${name}`;
        if (contentAt(this.#seen.filesystemOf(truth), path) !== undefined) continue;
        const archived = decoded(contentAt(archive, objectPath(truth.source, name)));
        if (archived !== undefined && truth.written.get(name)?.has(archived) === true) continue;
        if (this.#isBelowFloor(truth, number)) continue;
        this.#world.violated('I1', `${name} of ${truth.source.name} is nowhere ${when}`);
      }
      this.#checkObjects(truth, when);
    }
  }

  #checkObjects({ source, written }: SourceTruth, when: string): void {
    const archive = this.#seen.archive();
    for (const file of namesAt(archive, `/store/${source.name}/00000000`)) {
      if (file.startsWith('.')) continue;
      const name = file.replace(/\.zst$/, '');
      const content = decoded(contentAt(archive, objectPath(source, name)));
      if (content !== undefined && written.get(name)?.has(content) === true) continue;
      this.#world.violated('I5', `${file} of ${source.name} is not whole ${when}`);
    }
  }

  #beforeUnlink(path: string): void {
    if (isObject(path)) this.#beforeRemoval(path);
    const found = this.#segmentAt(path);
    if (found !== undefined) this.#beforeDeletion(found.truth, found.name, path);
  }

  /** Nothing of an archive goes before a floor is there to stay that lies above it. */
  #beforeRemoval(path: string): void {
    const { truth, name } = this.#objectAt(path);
    if (truth !== undefined && this.#isBelowFloor(truth, numberOf(name) ?? 0)) this.removals += 1;
    else this.#world.violated('I3', `${path} is removed, and no durable floor lies above it`);
  }

  #isBelowFloor({ source }: SourceTruth, number: number): boolean {
    return number < durableFloorOf(this.#seen.archive(), source);
  }

  /** I1 and I2, the heart of it. */
  #beforeDeletion(truth: SourceTruth, name: string, path: string): void {
    const filesystem = this.#seen.filesystemOf(truth);
    const live = contentAt(filesystem, path)?.toString('latin1');
    if (live === undefined) return;
    this.deletions += 1;
    const what = `${name} of ${truth.source.name}`;
    const number = numberOf(name) ?? 0;
    if (!truth.wasFlushed(name, live)) {
      this.#world.violated('I2', `${what} is deleted and not flushed`);
    }
    const numbers = namesAt(filesystem, truth.source.directory).map((one) => numberOf(one) ?? 0);
    // Not while the engine itself removes newer segments: it starts again.
    if (number >= Math.max(...numbers) && !truth.isReset)
      this.#world.violated('I2', `${what} is the newest, and deleted`);
    // Archived, and pruned since.
    if (this.#isBelowFloor(truth, number)) return;
    const archive = this.#seen.archive();
    const key = objectPath(truth.source, name);
    if (decoded(contentAt(archive, key)) !== live) {
      this.#world.violated('I1', `${what} is deleted, and not what the archive holds`);
    }
    if (decoded(durableContentAt(archive, key)) !== live) {
      this.#world.violated('I1', `${what} is deleted, and its object not durable`);
    }
  }

  #beforeNaming(
    operation: 'link' | 'rename',
    path: string,
    to: string,
    from: (path: string) => Buffer | undefined,
  ): void {
    if (isObject(path)) this.#world.violated('I3', `${path} is ${operation}ed away`);
    if (/\/_walq\/floors\/[0-9a-f]+\.json$/.test(to)) this.#beforeFloor(to, from(path));
    if (to.endsWith('/.walq/watermark.json')) this.#beforeWatermark(to, from(path));
    if (isRestored(to)) this.#beforeRestored(to, from(path));
    if (!isObject(to)) return;
    const isTaken = from(to) !== undefined;
    if (isTaken && operation === 'rename') this.#world.violated('I3', `${to} is replaced`);
    if (isTaken) return;
    this.publications += 1;
    const content = decoded(from(path));
    const { truth, name } = this.#objectAt(to);
    if (content !== undefined && truth?.written.get(name)?.has(content) === true) return;
    this.#world.violated('I5', `${to} is published and not whole`);
  }

  /** The watermark says no more than the engine did. */
  #beforeWatermark(to: string, text: Buffer | undefined): void {
    const truth = this.#seen.truths.find(({ source }) => to.startsWith(`${source.directory}/`));
    const said = /"segment":"(?<name>[^"]+)"/.exec(text?.toString() ?? '')?.groups?.['name'] ?? '';
    if (truth === undefined || (numberOf(said) ?? 0) <= truth.flushedEver) return;
    this.#world.violated('I2', `the watermark of ${truth.source.name} says ${said}`);
  }

  /** The newest segment of an archive is never pruned. */
  #beforeFloor(to: string, record: Buffer | undefined): void {
    const truth = this.#seen.truths.find(({ source }) =>
      to.startsWith(`${ARCHIVE}/${source.name}/`),
    );
    if (truth === undefined) return;
    const names = namesAt(this.#seen.archive(), `/store/${truth.source.name}/00000000`);
    const numbers = names.map((name) => numberOf(name.replace(/\.zst$/, '')) ?? 0);
    if (numberIn(record) <= Math.max(0, ...numbers)) return;
    this.#world.violated('I4', `the floor of ${truth.source.name} lies above all that is archived`);
  }

  #beforeRestored(to: string, content: Buffer | undefined): void {
    const [, , source, name = ''] = to.split('/');
    const truth = this.#seen.truths.find((one) => one.source.name === source);
    if (truth?.written.get(name)?.has(content?.toString('latin1') ?? '') === true) return;
    this.#world.violated('I5', `${to} is restored and not whole`);
  }

  #segmentAt(path: string): { truth: SourceTruth; name: string } | undefined {
    const slash = path.lastIndexOf('/');
    const name = path.slice(slash + 1);
    const truth = this.#seen.truths.find(({ source }) => source.directory === path.slice(0, slash));
    return truth === undefined || numberOf(name) === undefined ? undefined : { truth, name };
  }

  #objectAt(path: string): { truth: SourceTruth | undefined; name: string } {
    const [source = '', , file = ''] = path.slice(ARCHIVE.length + 1).split('/');
    const truth = this.#seen.truths.find((one) => one.source.name === source);
    return { truth, name: file.replace(/\.zst$/, '') };
  }
}

const writing: ReadonlySet<DiskCall['operation']> = new Set([
  'openExisting',
  'file.write',
  'file.truncate',
]);

const isRestored = (path: string): boolean => /^\/restored\/[^/]+\/wal-[^/]*$/.test(path);

/** Of an object under its final name. */
const isObject = (path: string): boolean =>
  /^\/archive\/store\/[^/]+\/\d+\/wal-[^/]*\.zst$/.test(path);
