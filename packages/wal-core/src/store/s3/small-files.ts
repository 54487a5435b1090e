/** Objects that are held in memory as a whole: records, dictionaries, the probe. */
import { createHash } from 'node:crypto';
import { RECORDS_FOLDER } from '../archive-key.ts';
import type { SmallFiles } from '../small-files.ts';
import { isTaken } from './failures.ts';
import type { OpenCall } from './link.ts';
import { namesIn } from './list.ts';
import { show, sourcePrefix, type Bucket } from './place.ts';
import { encryptionOf } from './publish.ts';
import { readRange } from './read.ts';

export function s3Files(place: Bucket): SmallFiles {
  const keyOf = (source: string, name: string): string =>
    `${sourcePrefix(place, source)}${RECORDS_FOLDER}/${name}`;
  return {
    show: (source, name) => show(place, keyOf(source, name)),
    create: (source, name, bytes) => create(place, keyOf(source, name), bytes),
    read: (source, name, bytesMax) =>
      readRange(place, keyOf(source, name), { range: `0-${bytesMax - 1}`, bytesMax }),
    list: (source, folder) => namesIn(place, `${keyOf(source, folder)}/`),
    remove: (source, name) => remove(place, keyOf(source, name)),
  };
}

/** A lost answer is asked for again, and then says `exists` of what is our own: as good as `created`. */
function create(place: Bucket, key: string, bytes: Uint8Array): Promise<'created' | 'exists'> {
  const what = `write '${show(place, key)}'`;
  return place.link.call({ what }, (call) => putSmall(place, call, key, bytes));
}

export async function putSmall(
  place: Bucket,
  { s3, abortSignal }: OpenCall,
  key: string,
  bytes: Uint8Array,
): Promise<'created' | 'exists'> {
  try {
    await s3.putObject(
      {
        Bucket: place.bucket,
        Key: key,
        Body: bytes,
        ContentMD5: createHash('md5').update(bytes).digest('base64'),
        IfNoneMatch: '*',
        ...encryptionOf(place.settings),
      },
      { abortSignal },
    );
    return 'created';
  } catch (error) {
    if (isTaken(error)) return 'exists';
    throw error;
  }
}

/** In a bucket with versions, what it said is kept behind a marker. */
async function remove(place: Bucket, key: string): Promise<void> {
  const what = `remove '${show(place, key)}'`;
  await place.link.call({ what }, ({ s3, abortSignal }) =>
    s3.deleteObject({ Bucket: place.bucket, Key: key }, { abortSignal }),
  );
}
