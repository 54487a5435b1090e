/** Publishes by one PutObject of a staged file, which the server refuses where the key is taken. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { takeBytes } from '../../base/byte-limit.ts';
import type { DiskFile } from '../../base/disk/disk.ts';
import { openMemoryFile } from '../../base/disk/memory-file.ts';
import { storeFailure } from '../../base/failure/system-error.ts';
import { asWalqError, WalqError } from '../../base/failure/walq-error.ts';
import type { Published, Staging } from '../store.ts';
import { isTaken } from './failures.ts';
import type { Deadline } from './s3-connection.ts';
import { objectKey, show, type S3Archive } from './s3-archive.ts';
import type { S3Settings } from './settings.ts';

const PIECE_BYTES = 64 * 1024;

/** The encryption parameters of every object and record. */
export const encryptionOf = ({ encryption, kmsKeyId }: S3Settings) => ({
  ...(encryption !== undefined && { ServerSideEncryption: encryption }),
  ...(kmsKeyId !== undefined && { SSEKMSKeyId: kmsKeyId }),
});

/** How many objects of one call are uploaded at the same time. */
const UPLOADS_MAX = 8;

export async function publish(
  archive: S3Archive,
  stagings: readonly Staging[],
): Promise<readonly Published[]> {
  const answers: Published[] = [];
  const waiting = stagings.entries();
  const lane = async (): Promise<void> => {
    for (const [at, staging] of waiting) {
      answers[at] = await upload(archive, staging).catch(asWalqError);
    }
  };
  await Promise.all(Array.from({ length: UPLOADS_MAX }, lane));
  return answers;
}

async function upload(archive: S3Archive, staging: Staging): Promise<'published' | 'exists'> {
  try {
    const file = await openStaged(archive, staging);
    try {
      const published = await put(archive, staging, file);
      await archive.staged.remove(staging.path);
      return published;
    } finally {
      await file.close();
    }
  } finally {
    archive.staged.uploaded(staging.path);
  }
}

async function openStaged({ disk }: S3Archive, { path, memory }: Staging): Promise<DiskFile> {
  if (memory !== undefined) return openMemoryFile(memory);
  return disk.openRead(path).catch((error: unknown) => {
    throw storeFailure(`upload '${path}'`, error);
  });
}

async function put(
  archive: S3Archive,
  { key, path }: Staging,
  file: DiskFile,
): Promise<'published' | 'exists'> {
  const bytes = Number((await file.stat()).size);
  const md5 = await md5Of(file, bytes, path);
  const name = objectKey(archive, key);
  const what = `upload '${show(archive, name)}'`;
  return archive.connection.call({ what, bytes }, async ({ s3, abortSignal, deadline }) => {
    const body = bodyOf(archive, file, { bytes, path, deadline });
    try {
      await s3.putObject(
        {
          Bucket: archive.bucket,
          Key: name,
          Body: body,
          ContentLength: bytes,
          ContentMD5: md5,
          IfNoneMatch: '*',
          ...encryptionOf(archive.settings),
        },
        { abortSignal },
      );
      return 'published';
    } catch (error) {
      if (isTaken(error)) return 'exists';
      throw error;
    } finally {
      body.destroy();
    }
  });
}

/** In pieces, so that a large segment does not block the main thread. */
async function md5Of(file: DiskFile, bytes: number, path: string): Promise<string> {
  const md5 = createHash('md5');
  for await (const piece of piecesOf(file, bytes, path)) md5.update(piece);
  return md5.digest('base64');
}

interface Body {
  readonly bytes: number;
  readonly path: string;
  readonly deadline: Deadline;
}

/** A file that cannot be read aborts the call; the library would not notice. */
function bodyOf({ limit }: S3Archive, file: DiskFile, { bytes, path, deadline }: Body): Readable {
  const limited = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of piecesOf(file, bytes, path)) {
      await deadline.outside(() =>
        takeBytes(limit, piece.length, () => deadline.signal.throwIfAborted()),
      );
      deadline.progress();
      yield piece;
    }
  };
  const body = Readable.from(limited(), { objectMode: false });
  body.on('error', (error) => deadline.fail(asWalqError(error)));
  return body;
}

async function* piecesOf(file: DiskFile, bytes: number, path: string): AsyncGenerator<Uint8Array> {
  for (let position = 0; position < bytes;) {
    const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, bytes - position));
    const got = await file.read(piece, position).catch((error: unknown) => {
      throw storeFailure(`read '${path}'`, error);
    });
    if (got === 0) {
      throw new WalqError('store-unavailable', { message: `'${path}' was truncated` });
    }
    position += got;
    yield piece.subarray(0, got);
  }
}
