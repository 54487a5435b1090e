/** Reads and downloads objects. */
import { Readable } from 'node:stream';
import type { GetObjectCommandOutput, HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { openMemoryFile } from '../../base/disk/memory-file.ts';
import { storeFailure } from '../../base/failure/system-error.ts';
import { isWalqError, WalqError } from '../../base/failure/walq-error.ts';
import type { ArchiveKey } from '../archive-key.ts';
import type { LocalObject, ObjectStat } from '../store.ts';
import { isAnswer, isNoObject } from './failures.ts';
import type { OpenCall } from './s3-connection.ts';
import { objectKey, show, type S3Archive } from './s3-archive.ts';

/** Attempts of a download that is interrupted. */
const DOWNLOADS_MAX = 3;

export async function stat(archive: S3Archive, key: ArchiveKey): Promise<ObjectStat | undefined> {
  const found = await head(archive, key);
  if (found === undefined) return undefined;
  const { ContentLength: sizeBytes = 0, ETag: etag, LastModified: modified } = found;
  if (etag === undefined && modified === undefined) return { sizeBytes };
  return { sizeBytes, identity: `${etag ?? ''}:${modified?.getTime() ?? ''}` };
}

/** The server's metadata of an object; undefined when there is none. */
export async function head(
  archive: S3Archive,
  key: ArchiveKey,
): Promise<HeadObjectCommandOutput | undefined> {
  const name = objectKey(archive, key);
  return archive.connection.call({ what: `stat '${show(archive, name)}'` }, async (call) => {
    const { s3, abortSignal } = call;
    try {
      return await s3.headObject({ Bucket: archive.bucket, Key: name }, { abortSignal });
    } catch (error) {
      if (!isNoObject(error)) throw error;
      await requireBucket(archive, call);
      return undefined;
    }
  });
}

/** An answer without a body does not show whether the object or its bucket is missing. */
async function requireBucket({ bucket }: S3Archive, { s3, abortSignal }: OpenCall): Promise<void> {
  await s3.headBucket({ Bucket: bucket }, { abortSignal });
}

/** An object that the server has acknowledged is durable, so this only checks that it exists. */
export async function assertPresent(archive: S3Archive, key: ArchiveKey): Promise<void> {
  if ((await stat(archive, key)) !== undefined) return;
  const name = show(archive, objectKey(archive, key));
  throw new WalqError('store-unavailable', {
    message: `unable to use the archive: the object '${name}' no longer exists`,
    hint: 'Find out what removed it, and check that the bucket does not expire objects.',
  });
}

/** Downloads the object to a local file, which is removed when it is released. */
export async function fetch(archive: S3Archive, key: ArchiveKey): Promise<LocalObject | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await fetchOnce(archive, key);
    } catch (error) {
      if (attempt === DOWNLOADS_MAX || !isInterrupted(error)) throw error;
    }
  }
}

const isInterrupted = (error: unknown): boolean =>
  error instanceof Error && error.cause instanceof InterruptedDownload;

async function fetchOnce(archive: S3Archive, key: ArchiveKey): Promise<LocalObject | undefined> {
  try {
    return await fetchInto(archive, key, { path: await archive.staged.newFile(key) });
  } catch (error) {
    if (!isWalqError(error, 'store-full')) throw error;
    const found = await stat(archive, key);
    if (found === undefined) return undefined;
    return fetchInto(archive, key, await archive.staged.memoryFor(key, found.sizeBytes));
  }
}

async function fetchInto(
  archive: S3Archive,
  key: ArchiveKey,
  local: Omit<LocalObject, 'release'>,
): Promise<LocalObject | undefined> {
  const release = () => archive.staged.remove(local.path);
  try {
    if (await download(archive, key, local)) return { ...local, release };
  } catch (error) {
    // Report why it failed, not a temporary file that the sweep removes.
    await release().catch(() => undefined);
    throw error;
  }
  await release();
  return undefined;
}

async function download(
  archive: S3Archive,
  key: ArchiveKey,
  local: Omit<LocalObject, 'release'>,
): Promise<boolean> {
  const name = objectKey(archive, key);
  const what = `download '${show(archive, name)}'`;
  return archive.connection.call({ what }, async (call) => {
    const { s3, abortSignal } = call;
    try {
      const answer = await s3.getObject({ Bucket: archive.bucket, Key: name }, { abortSignal });
      call.deadline.extend(answer.ContentLength ?? 0);
      await writeBody(archive, answer, local, call);
      return true;
    } catch (error) {
      if (isNoObject(error)) return false;
      throw error;
    }
  });
}

async function writeBody(
  { disk }: S3Archive,
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
    if (position !== bytes) throw interrupted(`received ${position} of ${bytes} bytes`);
  } finally {
    await file.close();
  }
}

export async function readTail(
  archive: S3Archive,
  key: ArchiveKey,
  bytesMax: number,
): Promise<Uint8Array | undefined> {
  if (bytesMax === 0) return (await stat(archive, key)) && new Uint8Array(0);
  const from = { range: `-${bytesMax}`, bytesMax, bytes: bytesMax };
  return readRange(archive, objectKey(archive, key), from);
}

interface Range {
  /** In HTTP's form, such as `0-99`, or `-100` for the end. */
  readonly range: string;
  /** Limit of what is read. */
  readonly bytesMax: number;
  /** Expected size, as far as known. */
  readonly bytes?: number;
}

/** A range of an object in memory; undefined when there is no object. */
export function readRange(
  archive: S3Archive,
  name: string,
  { range, bytesMax, bytes = 0 }: Range,
): Promise<Uint8Array | undefined> {
  const what = `read '${show(archive, name)}'`;
  return archive.connection.call({ what, bytes }, async ({ s3, abortSignal }) => {
    try {
      const from = { Bucket: archive.bucket, Key: name, Range: `bytes=${range}` };
      const { Body: body } = await s3.getObject(from, { abortSignal });
      return await bytesOf(body, bytesMax);
    } catch (error) {
      if (isNoObject(error)) return undefined;
      // An empty object has no range.
      if (isAnswer(error, 'InvalidRange', 416)) return new Uint8Array(0);
      throw error;
    }
  });
}

type Body = GetObjectCommandOutput['Body'];

/** The answer ended before it was complete. */
class InterruptedDownload extends WalqError {}

const interrupted = (message: string, cause?: unknown): InterruptedDownload =>
  new InterruptedDownload('store-unavailable', { message, cause });

async function* chunksOf(body: Body): AsyncGenerator<Uint8Array> {
  if (!(body instanceof Readable)) throw interrupted('received no bytes');
  try {
    for await (const chunk of body) yield chunk as Uint8Array;
  } catch (cause) {
    if (cause instanceof WalqError) throw cause;
    throw interrupted('the connection was cut', cause);
  }
}

/** The whole body. A body that is longer than requested is not read further. */
async function bytesOf(body: Body, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunksOf(body)) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw interrupted(`received more than the ${bytesMax} bytes requested`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
