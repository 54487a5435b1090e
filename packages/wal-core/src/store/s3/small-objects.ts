/** Objects that are held in memory as a whole: records, dictionaries, the probe. */
import { createHash } from 'node:crypto';
import { bytesOf } from './body.ts';
import { isAnswer, isNoObject, isTaken } from './failures.ts';
import type { OpenCall } from './link.ts';
import { show, type Bucket } from './place.ts';
import { encryptionOf } from './upload.ts';

/** A lost answer is asked for again, and then says `exists` of what is our own: as good as `created`. */
export function createSmall(
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
export function readSmall(
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
