/** Whether the server takes what a segment needs: a quota refuses that, and takes a small object still. */
import { randomBytes } from 'node:crypto';
import { isAnswer } from './failures.ts';
import type { OpenCall } from './link.ts';
import { show, type Bucket } from './place.ts';
import { putSmall } from './small-objects.ts';

/** No source has such a name. One for all checks: where nobody may remove it, no second one is made. */
const PROBE_NAME = '.walq-probe-segment';
/** So much is held in memory and paid for at the most. */
const PROBE_BYTES_MAX = 64 * 2 ** 20;

/** Writes one object of so many bytes, or of the most that is tried, and removes it. */
export async function probeSegment(place: Bucket, bytes: number): Promise<void> {
  const key = `${place.prefix}${PROBE_NAME}`;
  const noise = randomBytes(Math.min(bytes, PROBE_BYTES_MAX));
  const what = `write an object of ${noise.length} bytes to '${show(place, place.prefix)}'`;
  await place.link.call({ what }, async (call) => {
    // An earlier check may have been killed.
    if ((await putSmall(place, call, key, noise)) === 'created') return remove(place, call, key);
    await remove(place, call, key);
    if ((await putSmall(place, call, key, noise)) === 'created') await remove(place, call, key);
  });
}

/** In a bucket with versions the very version. Who archives needs no permission to remove, so a refusal is no fault. */
async function remove(place: Bucket, { s3, abortSignal }: OpenCall, key: string): Promise<void> {
  const at = { Bucket: place.bucket, Key: key };
  try {
    const { VersionId } = await s3.headObject(at, { abortSignal });
    await s3.deleteObject(
      { ...at, ...(VersionId !== undefined && { VersionId }) },
      { abortSignal },
    );
  } catch (error) {
    if (!isAnswer(error, 'AccessDenied', 'NotFound', 'NoSuchKey', 403, 404)) throw error;
  }
}
