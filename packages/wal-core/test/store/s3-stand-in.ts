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
import { archiveSettings, nodeDisk, openS3Store, type ArchiveStore } from '@walq/wal-core';
import { onTestFinished, vi } from 'vitest';

/** An archive on a server that answers as it likes, and lets everybody in. */
export async function storeThat(answers: RequestListener): Promise<ArchiveStore> {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'anybody');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'anything');
  const server = createServer(answers).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { path: stagingDirectory } = await temporaryDirectory('staging');
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

export interface Bucket {
  readonly store: ArchiveStore;
  /** Every attempt to write, in order. */
  readonly puts: readonly Put[];
  readonly objects: ReadonlyMap<string, Buffer>;
}

export async function newBucket(): Promise<Bucket> {
  const objects = new Map<string, Buffer>();
  const puts: Put[] = [];
  const put = async (request: IncomingMessage, key: string): Promise<number> => {
    const body = Buffer.concat(await request.toArray());
    const md5 = createHash('md5').update(body).digest('base64');
    const ifNoneMatch = request.headers['if-none-match'];
    puts.push({ key, ifNoneMatch, isMd5Right: request.headers['content-md5'] === md5 });
    if (ifNoneMatch === '*' && objects.has(key)) return 412;
    objects.set(key, body);
    return 200;
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const key = decodeURIComponent((request.url ?? '').replace(/^\/bucket\/?|\?.*$/g, ''));
    if (request.method === 'PUT') return void response.writeHead(await put(request, key)).end();
    const found = objects.get(key);
    if (key === '') return void response.writeHead(200).end('<ListBucketResult/>');
    response.writeHead(found === undefined ? 404 : 200);
    response.end(request.method === 'HEAD' ? undefined : found);
  };
  const store = await storeThat((request, response) => {
    answer(request, response).catch((error: Error) => response.destroy(error));
  });
  return { store, puts, objects };
}
