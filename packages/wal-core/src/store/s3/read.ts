/** Looking at objects, and bringing them here. */
import { Readable } from 'node:stream';
import type { GetObjectCommandOutput, HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { openMemoryFile } from '../../base/disk/memory-file.ts';
import { storeFailure } from '../../base/failure/system-error.ts';
import { isWalqError, WalqError } from '../../base/failure/walq-error.ts';
import type { ArchiveKey } from '../archive-key.ts';
import type { LocalObject, ObjectStat } from '../store.ts';
import { isAnswer, isNoObject } from './failures.ts';
import type { OpenCall } from './link.ts';
import { objectKey, show, type Bucket } from './place.ts';

/** How often a download is begun that breaks off. */
const DOWNLOADS_MAX = 3;

export async function stat(place: Bucket, key: ArchiveKey): Promise<ObjectStat | undefined> {
  const found = await head(place, key);
  if (found === undefined) return undefined;
  const { ContentLength: sizeBytes = 0, ETag: etag, LastModified: modified } = found;
  if (etag === undefined && modified === undefined) return { sizeBytes };
  return { sizeBytes, identity: `${etag ?? ''}:${modified?.getTime() ?? ''}` };
}

/** All that the server says of an object, undefined when there is none. */
export async function head(
  place: Bucket,
  key: ArchiveKey,
): Promise<HeadObjectCommandOutput | undefined> {
  const name = objectKey(place, key);
  return place.link.call({ what: `stat '${show(place, name)}'` }, async (call) => {
    const { s3, abortSignal } = call;
    try {
      return await s3.headObject({ Bucket: place.bucket, Key: name }, { abortSignal });
    } catch (error) {
      if (!isNoObject(error)) throw error;
      await requireBucket(place, call);
      return undefined;
    }
  });
}

/** An answer without a body cannot say whether the object or its bucket is missing. */
async function requireBucket({ bucket }: Bucket, { s3, abortSignal }: OpenCall): Promise<void> {
  await s3.headBucket({ Bucket: bucket }, { abortSignal });
}

/** What a server has acknowledged is durable; here it is only seen to be there. */
export async function settle(place: Bucket, key: ArchiveKey): Promise<void> {
  if ((await stat(place, key)) !== undefined) return;
  const name = show(place, objectKey(place, key));
  throw new WalqError('store-unavailable', {
    message: `unable to use the archive: the object '${name}' is gone`,
    hint: 'Check whether somebody removed it, or the bucket expires objects.',
  });
}

/** The whole object in a local file, which is removed when it is released. */
export async function fetch(place: Bucket, key: ArchiveKey): Promise<LocalObject | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await fetchOnce(place, key);
    } catch (error) {
      if (attempt === DOWNLOADS_MAX || !hasBrokenOff(error)) throw error;
    }
  }
}

const hasBrokenOff = (error: unknown): boolean =>
  error instanceof Error && error.cause instanceof BrokenOff;

async function fetchOnce(place: Bucket, key: ArchiveKey): Promise<LocalObject | undefined> {
  try {
    return await fetchInto(place, key, { path: await place.staged.newFile(key) });
  } catch (error) {
    if (!isWalqError(error, 'store-full')) throw error;
    const found = await stat(place, key);
    if (found === undefined) return undefined;
    return fetchInto(place, key, await place.staged.memoryFor(key, found.sizeBytes));
  }
}

async function fetchInto(
  place: Bucket,
  key: ArchiveKey,
  local: Omit<LocalObject, 'release'>,
): Promise<LocalObject | undefined> {
  const release = () => place.staged.remove(local.path);
  try {
    if (await download(place, key, local)) return { ...local, release };
  } catch (error) {
    // Why it failed matters more than a temporary file, which the sweep removes.
    await release().catch(() => undefined);
    throw error;
  }
  await release();
  return undefined;
}

async function download(
  place: Bucket,
  key: ArchiveKey,
  local: Omit<LocalObject, 'release'>,
): Promise<boolean> {
  const name = objectKey(place, key);
  const what = `download '${show(place, name)}'`;
  return place.link.call({ what }, async (call) => {
    const { s3, abortSignal } = call;
    try {
      const answer = await s3.getObject({ Bucket: place.bucket, Key: name }, { abortSignal });
      call.deadline.extend(answer.ContentLength ?? 0);
      await writeBody(place, answer, local, call);
      return true;
    } catch (error) {
      if (isNoObject(error)) return false;
      throw error;
    }
  });
}

async function writeBody(
  { disk }: Bucket,
  { Body: body, ContentLength: bytes }: GetObjectCommandOutput,
  { path, memory }: Omit<LocalObject, 'release'>,
  { deadline }: OpenCall,
): Promise<void> {
  const file = memory === undefined ? await disk.openExisting(path) : openMemoryFile(memory);
  try {
    let position = 0;
    for await (const piece of chunksOf(body)) {
      deadline.progress();
      await file.write(piece, position).catch((error: unknown) => {
        throw storeFailure(`write '${path}'`, error);
      });
      position += piece.length;
    }
    if (position !== bytes) throw brokenOff(`${position} of ${bytes} bytes came`);
  } finally {
    await file.close();
  }
}

export async function readTail(
  place: Bucket,
  key: ArchiveKey,
  bytesMax: number,
): Promise<Uint8Array | undefined> {
  if (bytesMax === 0) return (await stat(place, key)) && new Uint8Array(0);
  const from = { range: `-${bytesMax}`, bytesMax, bytes: bytesMax };
  return readRange(place, objectKey(place, key), from);
}

interface Range {
  /** As HTTP has it, such as `0-99`, or `-100` for the end. */
  readonly range: string;
  /** More is never read. */
  readonly bytesMax: number;
  /** How much it will be, as far as that is known. */
  readonly bytes?: number;
}

/** A range of an object in memory; undefined when there is no object. */
export function readRange(
  place: Bucket,
  name: string,
  { range, bytesMax, bytes = 0 }: Range,
): Promise<Uint8Array | undefined> {
  const what = `read '${show(place, name)}'`;
  return place.link.call({ what, bytes }, async ({ s3, abortSignal }) => {
    try {
      const from = { Bucket: place.bucket, Key: name, Range: `bytes=${range}` };
      const { Body: body } = await s3.getObject(from, { abortSignal });
      return await bytesOf(body, bytesMax);
    } catch (error) {
      if (isNoObject(error)) return undefined;
      // An empty object has no byte that could be first or last.
      if (isAnswer(error, 'InvalidRange', 416)) return new Uint8Array(0);
      throw error;
    }
  });
}

type Body = GetObjectCommandOutput['Body'];

/** The answer began and did not come to its end. */
class BrokenOff extends WalqError {}

const brokenOff = (message: string, cause?: unknown): BrokenOff =>
  new BrokenOff('store-unavailable', { message, cause });

async function* chunksOf(body: Body): AsyncGenerator<Uint8Array> {
  if (!(body instanceof Readable)) throw brokenOff('no bytes came');
  try {
    for await (const chunk of body) yield chunk as Uint8Array;
  } catch (cause) {
    if (cause instanceof WalqError) throw cause;
    throw brokenOff('the connection was cut', cause);
  }
}

/** All of it. A server that gives more than it was asked for might give anything: it is not read on. */
async function bytesOf(body: Body, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunksOf(body)) {
    bytes += chunk.length;
    if (bytes > bytesMax)
      throw brokenOff(`more than the ${bytesMax} bytes came that were asked for`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
