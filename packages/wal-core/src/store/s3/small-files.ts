/** Objects that are read and written whole, in memory: records, dictionaries, the probe. */
import { createHash } from 'node:crypto';
import { RECORDS_FOLDER } from '../archive-key.ts';
import type { SmallFiles } from '../small-files.ts';
import { isTaken } from './failures.ts';
import type { OpenCall } from './s3-connection.ts';
import { namesIn } from './list.ts';
import { show, sourcePrefix, type S3Archive } from './s3-archive.ts';
import { encryptionOf } from './publish.ts';
import { readRange } from './read.ts';

export function s3Files(archive: S3Archive): SmallFiles {
  const keyOf = (source: string, name: string): string =>
    `${sourcePrefix(archive, source)}${RECORDS_FOLDER}/${name}`;
  return {
    show: (source, name) => show(archive, keyOf(source, name)),
    create: (source, name, bytes) => create(archive, keyOf(source, name), bytes),
    read: (source, name, bytesMax) =>
      readRange(archive, keyOf(source, name), { range: `0-${bytesMax - 1}`, bytesMax }),
    list: (source, folder) => namesIn(archive, `${keyOf(source, folder)}/`),
    remove: (source, name) => remove(archive, keyOf(source, name)),
  };
}

/** After a lost answer the library repeats the request, which gives `exists` for our own object. That is no failure. */
function create(archive: S3Archive, key: string, bytes: Uint8Array): Promise<'created' | 'exists'> {
  const what = `write '${show(archive, key)}'`;
  return archive.connection.call({ what }, (call) => putSmall(archive, call, key, bytes));
}

export async function putSmall(
  archive: S3Archive,
  { s3, abortSignal }: OpenCall,
  key: string,
  bytes: Uint8Array,
): Promise<'created' | 'exists'> {
  try {
    await s3.putObject(
      {
        Bucket: archive.bucket,
        Key: key,
        Body: bytes,
        ContentMD5: createHash('md5').update(bytes).digest('base64'),
        IfNoneMatch: '*',
        ...encryptionOf(archive.settings),
      },
      { abortSignal },
    );
    return 'created';
  } catch (error) {
    if (isTaken(error)) return 'exists';
    throw error;
  }
}

/** In a bucket with versions, the content is kept behind a delete marker. */
async function remove(archive: S3Archive, key: string): Promise<void> {
  const what = `remove '${show(archive, key)}'`;
  await archive.connection.call({ what }, ({ s3, abortSignal }) =>
    s3.deleteObject({ Bucket: archive.bucket, Key: key }, { abortSignal }),
  );
}
