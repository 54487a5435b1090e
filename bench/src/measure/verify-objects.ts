/** No figure for work that was not done: every object decodes to its segment, and none is left out. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DecompressStream } from 'zstd-napi';
import { BenchFailure } from '../bench-failure.ts';
import type { Contestant, Place } from '../contestants/contestant.ts';
import type { InputSegment } from '../input/input.ts';

export interface Verified {
  readonly segments: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** pgBackRest writes a checksum behind the name. */
const OBJECT = /^(?<name>.+?)(?:-[0-9a-f]{40})?\.zst$/;

/** Verifies the archived objects. @throws BenchFailure if one is missing or differs */
export async function verifyObjects(contestant: Contestant, place: Place): Promise<Verified> {
  const { measured } = place.input;
  const objects = await objectsIn(place.archiveDirectory);
  const left = new Set(await readdir(place.sourceDirectory));
  let bytesIn = 0;
  let bytesOut = 0;
  for (const segment of measured) {
    place.signal.throwIfAborted();
    const path = objects.get(segment.name);
    if (path === undefined) throw failed(contestant, segment, 'is not in the archive');
    if (contestant.deletes && left.has(segment.name)) {
      throw failed(contestant, segment, 'is still at the source');
    }
    await compare(contestant, segment, path);
    bytesIn += segment.bytes;
    bytesOut += (await stat(path)).size;
  }
  return { segments: measured.length, bytesIn, bytesOut };
}

async function compare(contestant: Contestant, segment: InputSegment, path: string) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), new DecompressStream(), hash);
  if (hash.digest('hex') === segment.sha256) return;
  throw failed(contestant, segment, 'decodes to something else');
}

async function objectsIn(archive: string): Promise<Map<string, string>> {
  const entries = await readdir(archive, { recursive: true, withFileTypes: true });
  const objects = new Map<string, string>();
  for (const { name, parentPath } of entries.filter((entry) => entry.isFile())) {
    const segment = OBJECT.exec(name)?.groups?.['name'];
    if (segment === undefined || basename(parentPath) === '_walq') continue;
    objects.set(segment, join(parentPath, name));
  }
  return objects;
}

const failed = ({ title }: Contestant, { name }: InputSegment, what: string): BenchFailure =>
  new BenchFailure(
    'measurement-void',
    `${title}: the segment ${name} ${what}`,
    'Its figures would be worth nothing. See whether the disk is full; walq archive shows why.',
  );
