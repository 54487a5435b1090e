/** Tries what every publish relies on, before anything is entrusted to the server. */
import { WalqError } from '../../base/failure/walq-error.ts';
import type { OpenCall } from './link.ts';
import { show, type Bucket } from './place.ts';
import { putSmall } from './small-objects.ts';

/** Stays there: what may be locked, or may not be deleted, is better made once. No source has such a name. */
const PROBE_NAME = '.walq-probe';
const PROBE_TEXT = 'walq puts this twice, to see that the second time is refused\n';

export async function probe(place: Bucket): Promise<void> {
  const key = `${place.prefix}${PROBE_NAME}`;
  await place.link.call(
    { what: `use the archive '${show(place, place.prefix)}'` },
    async (call) => {
      await proveList(place, call);
      await proveNoReplace(place, call, key);
    },
  );
  await place.staged.probe();
}

async function proveList({ bucket, prefix }: Bucket, { s3, abortSignal }: OpenCall): Promise<void> {
  await s3.listObjectsV2({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 }, { abortSignal });
}

/** One refusal is proof enough: the server looks at the condition, and nothing was replaced. */
async function proveNoReplace(place: Bucket, call: OpenCall, key: string): Promise<void> {
  for (let put = 0; put < 2; put += 1) {
    if ((await putSmall(place, call, key, PROBE_TEXT)) === 'exists') return;
  }
  throw new WalqError('store-unsuitable', {
    message: `the server of '${show(place, key)}' replaces objects: it ignores If-None-Match`,
    hint: 'walq needs a server that honours If-None-Match: *. Ceph 16 does so only in a bucket without versions.',
  });
}
