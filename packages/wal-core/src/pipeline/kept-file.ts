/**
 * Kept files: records in the archive that a file which stays at its source, as last written at a given time, has a
 * given
 * content. They are written from a receipt only. Normally the object's manifest shows that a kept file is archived.
 * Where
 * the manifest has another time, because the file was copied, touched or written again, the file is read and compared
 * once, and this record saves reading it at every scan.
 *
 * Nothing is deleted because of such a record. A record that is damaged or lost costs one more comparison.
 */
import { sha256Of } from '../base/hash.ts';
import { jsonRecord } from '../base/json-record.ts';
import { basename } from 'node:path';
import * as v from 'valibot';
import { finiteNumber } from '../base/record-fields.ts';
import { writtenAt } from '../codec/fingerprint.ts';
import { checksumSchema, sameChecksum } from '../codec/source-checksum.ts';
import { assertIssued, type ArchiveReceipt } from './confirm.ts';
import type { FileState } from '../base/disk/disk.ts';
import type { Manifest } from '../codec/manifest.ts';
import type { SourceChecksum } from '../codec/source-checksum.ts';
import type { ArchiveStore } from '../store/store.ts';

const FOLDER = 'kept';

const format = jsonRecord({
  sourceId: v.string(),
  segment: v.string(),
  bytes: finiteNumber,
  writtenAt: v.string(),
  sourceChecksum: checksumSchema,
});

/** The content of a file in one state. */
interface KeptFile {
  readonly sourceId: string;
  readonly segment: string;
  readonly bytes: number;
  readonly writtenAt: string;
  readonly sourceChecksum: SourceChecksum;
}
type Named = Pick<KeptFile, 'sourceId' | 'segment'>;

/** One for each segment of each directory, removed with the object: there are at most as many records as objects. */
const recordPath = ({ sourceId, segment }: Named): string =>
  `${FOLDER}/${sha256Of(JSON.stringify([sourceId, segment]))}`;

/** Records what a receipt proved about a file that stays, unless its object's manifest states the same. */
export async function recordKeptFile(store: ArchiveStore, receipt: ArchiveReceipt): Promise<void> {
  assertIssued(receipt);
  const { segment, sealedAt } = receipt;
  const { source, sourceId, name, key, bytes, sourceChecksum, fingerprint } = segment;
  const file = {
    sourceId,
    segment: name.name,
    bytes,
    writtenAt: writtenAt(fingerprint),
    sourceChecksum,
  };
  const isUnderOwnName = key.segment === name.name;
  if (isUnderOwnName && file.writtenAt === sealedAt) return;
  const path = recordPath(file);
  const text = format.text({ source: source.name, ...file });
  if ((await store.records.create(source.name, path, text)) === 'created') return;
  if (isSame(await readKeptFile(store, source.name, file), file)) return;
  await store.records.remove(source.name, path);
  await store.records.create(source.name, path, text);
}

/**
 * Whether a file in this state has the content that an object's manifest states, by the manifest itself or by a
 * record.
 */
export async function isKeptContent(
  store: ArchiveStore,
  { source, ...named }: Named & { readonly source: string },
  state: Pick<FileState, 'size' | 'mtimeNs'>,
  { bytes, sealedAt, sourceChecksum }: Manifest,
): Promise<boolean> {
  if (state.size !== BigInt(bytes)) return false;
  const file = { ...named, bytes, writtenAt: writtenAt(state), sourceChecksum };
  return file.writtenAt === sealedAt || isSame(await readKeptFile(store, source, named), file);
}

/** The paths of the records that exist for these segments, for a caller that removes the segments' objects. */
export async function keptRecordsOf(
  store: ArchiveStore,
  source: string,
  sourceIds: readonly string[],
  segments: readonly string[],
): Promise<readonly string[]> {
  const there = new Set(await store.records.list(source, FOLDER));
  if (there.size === 0) return [];
  return segments
    .flatMap((segment) => sourceIds.map((sourceId) => recordPath({ sourceId, segment })))
    .filter((path) => there.has(basename(path)));
}

/** The checksum of a file in this state, where a record states it. */
export async function keptChecksum(
  store: ArchiveStore,
  { source, ...named }: Named & { readonly source: string },
  state: Pick<FileState, 'size' | 'mtimeNs'>,
): Promise<SourceChecksum | undefined> {
  const known = await readKeptFile(store, source, named);
  const isOfState =
    known?.bytes === Number(state.size) &&
    known.writtenAt === writtenAt(state) &&
    known.sourceId === named.sourceId &&
    known.segment === named.segment;
  return isOfState ? known.sourceChecksum : undefined;
}

async function readKeptFile(
  store: ArchiveStore,
  source: string,
  named: Named,
): Promise<KeptFile | undefined> {
  const text = await store.records.read(source, recordPath(named));
  return format.read(text ?? '');
}

const isSame = (known: KeptFile | undefined, file: KeptFile): boolean =>
  known !== undefined &&
  known.sourceId === file.sourceId &&
  known.segment === file.segment &&
  known.bytes === file.bytes &&
  known.writtenAt === file.writtenAt &&
  sameChecksum(known.sourceChecksum, file.sourceChecksum);
