/** The body of an answer, in pieces or as a whole. */
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { WalqError } from '../../base/failure/walq-error.ts';

type Body = GetObjectCommandOutput['Body'];

/** The answer began and did not come to its end. */
export class BrokenOff extends WalqError {}

export const brokenOff = (message: string, cause?: unknown): BrokenOff =>
  new BrokenOff('store-unavailable', { message, cause });

export async function* chunksOf(body: Body): AsyncGenerator<Uint8Array> {
  if (!(body instanceof Readable)) throw brokenOff('no bytes came');
  try {
    for await (const chunk of body) yield chunk as Uint8Array;
  } catch (cause) {
    if (cause instanceof WalqError) throw cause;
    throw brokenOff('the connection was cut', cause);
  }
}

/** All of it. A server that gives more than it was asked for might give anything: it is not read on. */
export async function bytesOf(body: Body, bytesMax: number): Promise<Uint8Array> {
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
