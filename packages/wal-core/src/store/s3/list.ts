/** Lists names, page by page. They are URL-encoded, because XML cannot contain every name of other programs. */
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

/** A shard of a PostgreSQL source is one page or less, so reading one shard after another would take minutes. */
const SHARDS_AHEAD = 8;

/** Reads names only, in the order of their shards. Memory grows with the number of shards, plus the keys of eight. */
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
    // Awaited later, in order; its failure is thrown then.
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

/** The rest of the names that begin with the prefix and have no further slash. */
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

/** Undefined for a name that does not decode: it is not a name of walq. */
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

/** A partial listing must never count as complete, and a server that starts again would be asked for ever. */
function nextAfter(
  what: string,
  { NextContinuationToken: next }: ListObjectsV2CommandOutput,
  after: string | undefined,
): string {
  if (next !== undefined && next !== '' && next !== after) return next;
  throw new WalqError('store-unavailable', {
    message: `unable to ${what}: the server reports further pages without a new continuation token`,
    hint: 'Use a server that supports ListObjectsV2, and check that no proxy removes its parameters.',
  });
}
