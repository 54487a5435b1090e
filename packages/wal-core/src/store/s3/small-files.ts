/** Objects that are held in memory as a whole: records, dictionaries, the probe. */
import { createHash } from 'node:crypto';
import { bytesOf } from './read.ts';
import { isAnswer, isNoObject, isTaken } from './failures.ts';
import type { OpenCall } from './link.ts';
import { show, recordsPrefix, type Bucket } from './place.ts';
import { encryptionOf } from './upload.ts';
import {
  RECORD_SUFFIX,
  recordOfFileName,
  refuseFolderName,
  refuseRecordName,
  DICTIONARIES_FOLDER,
  dictionaryStore,
} from '../small-files.ts';
import type { RecordStore, DictionaryStore } from '../store.ts';
import { namesIn } from './list.ts';

/** A lost answer is asked for again, and then says `exists` of what is our own: as good as `created`. */
function createSmall(
  place: Bucket,
  key: string,
  content: string | Uint8Array,
): Promise<'created' | 'exists'> {
  const what = `write '${show(place, key)}'`;
  return place.link.call({ what }, (call) => putSmall(place, call, key, content));
}

export async function putSmall(
  place: Bucket,
  { s3, abortSignal }: OpenCall,
  key: string,
  content: string | Uint8Array,
): Promise<'created' | 'exists'> {
  try {
    await s3.putObject(
      {
        Bucket: place.bucket,
        Key: key,
        Body: content,
        ContentMD5: createHash('md5').update(content).digest('base64'),
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

/** At most so many bytes of it are read; undefined when there is none. */
function readSmall(
  place: Bucket,
  key: string,
  bytesMax = SMALL_BYTES_MAX,
): Promise<Uint8Array | undefined> {
  const what = `read '${show(place, key)}'`;
  return place.link.call({ what }, async ({ s3, abortSignal }) => {
    try {
      const from = { Bucket: place.bucket, Key: key, Range: `bytes=0-${bytesMax - 1}` };
      const { Body: body } = await s3.getObject(from, { abortSignal });
      return await bytesOf(body, bytesMax);
    } catch (error) {
      if (isNoObject(error)) return undefined;
      // An empty object has no first byte.
      if (isAnswer(error, 'InvalidRange', 416)) return new Uint8Array(0);
      throw error;
    }
  });
}

/** No record or dictionary is longer. */
const SMALL_BYTES_MAX = 1024 * 1024;

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

export function s3Dictionaries(place: Bucket): DictionaryStore {
  const folderOf = (source: string): string =>
    `${recordsPrefix(place, source)}${DICTIONARIES_FOLDER}/`;
  return dictionaryStore({
    show: (source, fileName) => `'${show(place, `${folderOf(source)}${fileName}`)}'`,
    create: async (source, fileName, bytes) =>
      createSmall(place, `${folderOf(source)}${fileName}`, bytes),
    read: async (source, fileName, bytesMax) =>
      readSmall(place, `${folderOf(source)}${fileName}`, bytesMax),
    list: async (source) => namesIn(place, folderOf(source)),
  });
}
