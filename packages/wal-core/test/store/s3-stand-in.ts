/** A server that speaks as much S3 as writing needs, and honours If-None-Match where it is sent, as servers do. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { temporaryDirectory } from '@walq/test-support';
import { archiveSettings, nodeDisk, openS3Store, type ArchiveStore } from '@walq/wal-core/internal';
import { onTestFinished, vi } from 'vitest';

/** An archive on a server that answers as it likes, and lets everybody in. */
export async function storeThat(
  answers: RequestListener,
  stagingDirectory?: string,
): Promise<ArchiveStore> {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'anybody');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'anything');
  const server = createServer(answers).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  stagingDirectory ??= (await temporaryDirectory('staging')).path;
  const { s3: settings } = archiveSettings({ s3: { endpoint, stagingDirectory } });
  const store = openS3Store('s3://bucket/p', { disk: nodeDisk, settings });
  onTestFinished(async () => {
    await store.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    vi.unstubAllEnvs();
  });
  return store;
}

export interface Put {
  readonly key: string;
  readonly ifNoneMatch: string | undefined;
  readonly isMd5Right: boolean;
}

export interface Call {
  readonly method: string;
  readonly key: string;
}

export interface Bucket {
  readonly store: ArchiveStore;
  readonly stagingDirectory: string;
  /** Every attempt to write, in order. */
  readonly puts: readonly Put[];
  /** Every request, in order. */
  readonly calls: readonly Call[];
  readonly objects: Map<string, Buffer>;
  /** Asked before each answer: a status is answered in its place, bytes are read or kept in place of the object. */
  fault?: (call: Call) => number | Buffer | undefined;
}

export async function newBucket(): Promise<Bucket> {
  const objects = new Map<string, Buffer>();
  const puts: Put[] = [];
  const calls: Call[] = [];
  const { path: stagingDirectory } = await temporaryDirectory('staging');
  const bucket: Omit<Bucket, 'store'> = { objects, puts, calls, stagingDirectory };
  const put = async (request: IncomingMessage, key: string, kept?: Buffer): Promise<number> => {
    const body = Buffer.concat(await request.toArray());
    const md5 = createHash('md5').update(body).digest('base64');
    const ifNoneMatch = request.headers['if-none-match'];
    puts.push({ key, ifNoneMatch, isMd5Right: request.headers['content-md5'] === md5 });
    if (ifNoneMatch === '*' && objects.has(key)) return 412;
    objects.set(key, kept ?? body);
    return 200;
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const key = decodeURIComponent((request.url ?? '').replace(/^\/bucket\/?|\?.*$/g, ''));
    const call = { method: request.method ?? '', key };
    calls.push(call);
    const fault = bucket.fault?.(call);
    if (typeof fault === 'number') return void response.writeHead(fault).end();
    if (call.method === 'PUT') {
      return void response.writeHead(await put(request, key, fault)).end();
    }
    if (key === '') return void response.writeHead(200).end('<ListBucketResult/>');
    const found = fault ?? objects.get(key);
    response.writeHead(found === undefined ? 404 : 200, {
      'content-length': found?.length ?? 0,
      etag: `"${createHash('md5')
        .update(found ?? '')
        .digest('hex')}"`,
    });
    response.end(call.method === 'HEAD' ? undefined : found);
  };
  const store = await storeThat((request, response) => {
    answer(request, response).catch((error: Error) => response.destroy(error));
  }, stagingDirectory);
  return Object.assign(bucket, { store });
}
