/** Tries what every publish relies on, before anything is entrusted to the server, and whether it takes a segment. */
import { randomBytes } from 'node:crypto';
import { WalqError } from '../../base/failure/walq-error.ts';
import { isAnswer } from './failures.ts';
import type { OpenCall } from './s3-connection.ts';
import { show, type S3Archive } from './s3-archive.ts';
import { putSmall } from './small-files.ts';

/** Stays there: what may be locked, or may not be deleted, is better made once. No source has such a name. */
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

/** One refusal is proof enough: the server looks at the condition, and nothing was replaced. */
async function proveNoReplace(archive: S3Archive, call: OpenCall, key: string): Promise<void> {
  for (let put = 0; put < 2; put += 1) {
    if ((await putSmall(archive, call, key, PROBE_TEXT)) === 'exists') return;
  }
  throw new WalqError('store-unsuitable', {
    message: `the server of '${show(archive, key)}' replaces objects: it ignores If-None-Match`,
    hint: 'walq needs a server that honours If-None-Match: *. Ceph 16 does so only in a bucket without versions.',
  });
}

/** A quota refuses what a segment needs, and takes a small object still. */
/** No source has such a name. One for all checks: where nobody may remove it, no second one is made. */
const SEGMENT_PROBE_NAME = '.walq-probe-segment';
/** So much is held in memory and paid for at the most. */
const PROBE_BYTES_MAX = 64 * 2 ** 20;

/** Writes one object of so many bytes, or of the most that is tried, and removes it. */
export async function probeSegment(archive: S3Archive, bytes: number): Promise<void> {
  const key = `${archive.prefix}${SEGMENT_PROBE_NAME}`;
  const noise = randomBytes(Math.min(bytes, PROBE_BYTES_MAX));
  const what = `write an object of ${noise.length} bytes to '${show(archive, archive.prefix)}'`;
  await archive.connection.call({ what }, async (call) => {
    // An earlier check may have been killed.
    if ((await putSmall(archive, call, key, noise)) === 'created')
      return removeProbe(archive, call, key);
    await removeProbe(archive, call, key);
    if ((await putSmall(archive, call, key, noise)) === 'created')
      await removeProbe(archive, call, key);
  });
}

/** In a bucket with versions the very version. Who archives needs no permission to remove, so a refusal is no fault. */
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
