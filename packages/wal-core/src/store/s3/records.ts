/** Small records beside a source's objects: `<source>/_walq/<name>.json`, created once, never changed. */
import {
  RECORD_SUFFIX,
  recordOfFileName,
  refuseFolderName,
  refuseRecordName,
} from '../record-name.ts';
import type { RecordStore } from '../store.ts';
import { namesIn } from './list.ts';
import { recordsPrefix, show, type Bucket } from './place.ts';
import { createSmall, readSmall } from './small-objects.ts';

export const s3Records = (place: Bucket): RecordStore => ({
  create: async (source, name, text) => createSmall(place, recordKey(place, source, name), text),
  read: async (source, name) => read(place, recordKey(place, source, name)),
  list: (source, folder) => list(place, source, folder),
  remove: async (source, name) => remove(place, recordKey(place, source, name)),
});

function recordKey(place: Bucket, source: string, name: string): string {
  refuseRecordName(name);
  return `${recordsPrefix(place, source)}${name}${RECORD_SUFFIX}`;
}

async function read(place: Bucket, key: string): Promise<string | undefined> {
  const bytes = await readSmall(place, key);
  return bytes && Buffer.from(bytes).toString('utf8');
}

async function list(place: Bucket, source: string, folder: string): Promise<readonly string[]> {
  refuseFolderName(folder);
  const names = await namesIn(place, `${recordsPrefix(place, source)}${folder}/`);
  return names.flatMap((name) => recordOfFileName(name) ?? []).toSorted();
}

/** In a bucket with versions, what it said is kept behind a marker. */
async function remove(place: Bucket, key: string): Promise<void> {
  const what = `remove '${show(place, key)}'`;
  await place.link.call({ what }, ({ s3, abortSignal }) =>
    s3.deleteObject({ Bucket: place.bucket, Key: key }, { abortSignal }),
  );
}
