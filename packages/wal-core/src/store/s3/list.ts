/** Names, page by page. They come encoded, for XML cannot hold every name that others may have put there. */
import type { ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import { WalqError } from '../../base/failure/walq-error.ts';
import {
  compareShards,
  isShardName,
  isSourceName,
  segmentOfFileName,
  type ArchiveKey,
} from '../archive-key.ts';
import type { ShardFilter } from '../store.ts';
import { show, sourcePrefix, type S3Archive } from './s3-archive.ts';

/** A shard of PostgreSQL's is but one page: asked for one after another they would take minutes. */
const SHARDS_AHEAD = 8;

/** Names only, in the order of their shards. Memory grows with the shards, and eight of them are held. */
export async function* list(
  archive: S3Archive,
  source: string,
  includesShard: ShardFilter = () => true,
): AsyncGenerator<readonly ArchiveKey[]> {
  const waiting = (await shardsOf(archive, source)).filter(includesShard).values();
  const ahead: Promise<readonly ArchiveKey[]>[] = [];
  const requestNext = () => {
    const { value: shard, done } = waiting.next();
    if (done === true || shard === undefined) return;
    const asked = keysOf(archive, source, shard);
    // Its turn comes later, and its failure is told then.
    asked.catch(() => undefined);
    ahead.push(asked);
  };
  for (let asked = 0; asked < SHARDS_AHEAD; asked += 1) requestNext();
  for (let next = ahead.shift(); next !== undefined; next = ahead.shift()) {
    const keys = await next;
    requestNext();
    if (keys.length > 0) yield keys;
  }
}

export async function listSources(archive: S3Archive): Promise<readonly string[]> {
  return (await foldersIn(archive, archive.prefix)).filter(isSourceName).toSorted();
}

async function shardsOf(archive: S3Archive, source: string): Promise<readonly string[]> {
  const folders = await foldersIn(archive, sourcePrefix(archive, source));
  return folders.filter(isShardName).toSorted(compareShards);
}

async function keysOf(
  archive: S3Archive,
  source: string,
  shard: string,
): Promise<readonly ArchiveKey[]> {
  const names = await namesIn(archive, `${sourcePrefix(archive, source)}${shard}/`);
  return names.flatMap((fileName) => {
    const segment = segmentOfFileName(fileName);
    return segment === undefined ? [] : [{ source, shard, segment }];
  });
}

/** What follows the prefix in the names that begin with it and have no further slash. */
export async function namesIn(archive: S3Archive, prefix: string): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { Contents: objects = [] } of pagesOf(archive, prefix)) {
    for (const { Key: key } of objects) names.push(...restOf(prefix, key));
  }
  return names;
}

async function foldersIn(archive: S3Archive, prefix: string): Promise<readonly string[]> {
  const folders: string[] = [];
  for await (const { CommonPrefixes: prefixes = [] } of pagesOf(archive, prefix)) {
    for (const { Prefix: one } of prefixes) {
      folders.push(...restOf(prefix, one).map((name) => name.slice(0, -1)));
    }
  }
  return folders;
}

function restOf(prefix: string, encoded: string | undefined): readonly string[] {
  const name = decoded(encoded ?? '');
  return name?.startsWith(prefix) === true ? [name.slice(prefix.length)] : [];
}

/** Undefined for what does not decode, which is none of walq's names. */
function decoded(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

async function* pagesOf(
  archive: S3Archive,
  prefix: string,
): AsyncGenerator<ListObjectsV2CommandOutput> {
  const what = `list '${show(archive, prefix)}'`;
  for (let after: string | undefined, more = true; more;) {
    const request = {
      Bucket: archive.bucket,
      Prefix: prefix,
      Delimiter: '/',
      EncodingType: 'url' as const,
      ...(after !== undefined && { ContinuationToken: after }),
    };
    const page = await archive.connection.call({ what }, ({ s3, abortSignal }) =>
      s3.listObjectsV2(request, { abortSignal }),
    );
    yield page;
    more = page.IsTruncated === true;
    if (more) after = nextAfter(what, page, after);
  }
}

/** A part must never pass for the whole, and a server that begins again would be asked for ever. */
function nextAfter(
  what: string,
  { NextContinuationToken: next }: ListObjectsV2CommandOutput,
  after: string | undefined,
): string {
  if (next !== undefined && next !== '' && next !== after) return next;
  throw new WalqError('store-unavailable', {
    message: `unable to ${what}: the server says that there is more, and not where it goes on`,
    hint: 'walq needs a server that knows ListObjectsV2, and nothing in between that leaves its parameters out.',
  });
}
