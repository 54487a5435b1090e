/**
 * A local cache of manifests, so that listing 100,000 objects does not read them again. An entry counts only while
 * the object
 * has the length and identity that it had when its manifest was read: walq does not replace objects, but people and
 * other
 * programs may. The file may be deleted at any time.
 */
import { outputOf, parseJson } from '../base/json-record.ts';
import { shortHash } from '../base/hash.ts';
import { join } from 'node:path';
import * as v from 'valibot';
import { finiteNumber } from '../base/record-fields.ts';
import { readSmallFile } from '../base/disk/read-small-file.ts';
import { writeFileDurably } from '../base/disk/write-file-durably.ts';
import type { Disk } from '../base/disk/disk.ts';
import { keyPath, type ArchiveKey } from '../store/archive-key.ts';
import type { ObjectStat } from '../store/store.ts';
import type { Manifest } from '../codec/manifest.ts';
import { checksumSchema, type SourceChecksum } from '../codec/source-checksum.ts';

/** About two million segments; what is beyond this in a longer index is read from the archive again. */
const INDEX_BYTES_MAX = 512 * 1024 * 1024;

const archivedSchema = v.object({
  source: v.string(),
  segment: v.string(),
  bytes: finiteNumber,
  objectBytes: finiteNumber,
  sourceChecksum: v.object(checksumSchema.entries),
  archivedAt: v.string(),
  key: v.string(),
});

const lineSchema = v.object({ identity: v.string(), archived: archivedSchema });

type Line = v.InferOutput<typeof lineSchema>;

export interface ManifestIndex {
  /** Undefined also where the object's length or identity changed, or the store has no identity. */
  get(key: ArchiveKey, object: ObjectStat): ArchivedSegment | undefined;
  /** @param object the store's description from before the manifest was read */
  add(archived: ArchivedSegment, object: ObjectStat): void;
  /** Writes new entries; does nothing where there are none. */
  save(): Promise<void>;
}

/**
 * Opens the index of one source of one archive. A missing or damaged index counts as empty. Without a directory
 * nothing is
 * saved.
 */
export async function openManifestIndex(
  disk: Disk,
  cacheDirectory: string | undefined,
  storeUrl: string,
  source: string,
): Promise<ManifestIndex> {
  const archive = shortHash(storeUrl);
  const directory = cacheDirectory === undefined ? undefined : join(cacheDirectory, archive);
  const file = `${source}.jsonl`;
  const lines = await readLines(disk, directory, file);
  let learned = false;
  return {
    get: (key, { sizeBytes, identity }) => {
      const line = lines.get(keyPath(key));
      const isSame = line?.archived.objectBytes === sizeBytes && line.identity === identity;
      return isSame ? line.archived : undefined;
    },
    add: (archived, { identity }) => {
      if (identity === undefined) return;
      lines.set(archived.key, { archived, identity });
      learned = true;
    },
    save: async () => {
      if (!learned || directory === undefined) return;
      await disk.makeDirectory(directory);
      const text = [...lines.values()].map((line) => `${JSON.stringify(line)}\n`).join('');
      await writeFileDurably(disk, join(directory, file), text);
    },
  };
}

async function readLines(
  disk: Disk,
  directory: string | undefined,
  file: string,
): Promise<Map<string, Line>> {
  const lines = new Map<string, Line>();
  if (directory === undefined) return lines;
  const reading = readSmallFile(disk, join(directory, file), INDEX_BYTES_MAX);
  // An unreadable cache counts as empty.
  const text = (await reading.catch(() => undefined)) ?? '';
  for (const line of text.split('\n')) {
    // A damaged line is skipped.
    const parsed = outputOf(lineSchema, parseJson(line));
    if (parsed !== undefined) lines.set(parsed.archived.key, parsed);
  }
  return lines;
}

/** One line of `walq list`. */
export interface ArchivedSegment {
  readonly source: string;
  readonly segment: string;
  /** Bytes of the segment. */
  readonly bytes: number;
  /** Bytes of the object. */
  readonly objectBytes: number;
  readonly sourceChecksum: SourceChecksum;
  readonly archivedAt: string;
  /** Path of the object, relative to the archive's root. */
  readonly key: string;
}

export function toArchivedSegment(
  key: ArchiveKey,
  manifest: Manifest,
  objectBytes: number,
): ArchivedSegment {
  const { algorithm, value } = manifest.sourceChecksum;
  return {
    source: key.source,
    segment: key.segment,
    bytes: manifest.bytes,
    objectBytes,
    sourceChecksum: { algorithm, value },
    archivedAt: manifest.archivedAt,
    key: keyPath(key),
  };
}
