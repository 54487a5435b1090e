/** Tests what every publish relies on, before the first one, and whether the server accepts a segment. */
import { randomBytes } from 'node:crypto';
import { WalqError } from '../../base/failure/walq-error.ts';
import { isAnswer } from './failures.ts';
import type { OpenCall } from './s3-connection.ts';
import { show, type S3Archive } from './s3-archive.ts';
import { putSmall } from './small-files.ts';

/** Never deleted: it may be locked, so it is created once. No source can have such a name. */
const PROBE_NAME = '.walq-probe';
const PROBE_TEXT = Buffer.from('walq puts this twice, to see that the second time is refused\n');

export async function probe(archive: S3Archive): Promise<void> {
  const key = `${archive.prefix}${PROBE_NAME}`;
  await archive.connection.call(
    { what: `use the archive '${show(archive, archive.prefix)}'` },
    async (call) => {
      await proveList(archive, call);
      await proveNoReplace(archive, call, key);
    },
  );
  await archive.staged.probe();
}

async function proveList(
  { bucket, prefix }: S3Archive,
  { s3, abortSignal }: OpenCall,
): Promise<void> {
  await s3.listObjectsV2({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 }, { abortSignal });
}

/** One refusal proves that the server honours the condition; nothing was replaced. */
async function proveNoReplace(archive: S3Archive, call: OpenCall, key: string): Promise<void> {
  for (let put = 0; put < 2; put += 1) {
    if ((await putSmall(archive, call, key, PROBE_TEXT)) === 'exists') return;
  }
  throw new WalqError('store-unsuitable', {
    message: `the server of '${show(archive, key)}' replaces objects: it ignores If-None-Match`,
    hint: 'Use a server that honours If-None-Match: *. Ceph 16 does so only in a bucket without versions.',
  });
}

/** One name for all checks, so that at most one remains where it may not be removed. No source can have such a name. */
const SEGMENT_PROBE_NAME = '.walq-probe-segment';
/** Most bytes of a probe, which are kept in memory and may be charged. */
const PROBE_BYTES_MAX = 64 * 2 ** 20;

/**
 * Writes one object of this size, or of the largest that is tried, and removes it. A quota may still accept a small
 * object where it refuses a segment.
 */
export async function probeSegment(archive: S3Archive, bytes: number): Promise<void> {
  const key = `${archive.prefix}${SEGMENT_PROBE_NAME}`;
  const noise = randomBytes(Math.min(bytes, PROBE_BYTES_MAX));
  const what = `write an object of ${noise.length} bytes to '${show(archive, archive.prefix)}'`;
  await archive.connection.call({ what }, async (call) => {
    // An earlier check may have been killed before it removed the object.
    if ((await putSmall(archive, call, key, noise)) === 'created')
      return removeProbe(archive, call, key);
    await removeProbe(archive, call, key);
    if ((await putSmall(archive, call, key, noise)) === 'created')
      await removeProbe(archive, call, key);
  });
}

/** In a bucket with versions, removes the version. Archiving needs no permission to delete, so a refusal is ignored. */
async function removeProbe(
  archive: S3Archive,
  { s3, abortSignal }: OpenCall,
  key: string,
): Promise<void> {
  const at = { Bucket: archive.bucket, Key: key };
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
