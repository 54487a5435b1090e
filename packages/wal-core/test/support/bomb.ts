/** Objects that are small and decode to much, made block by block and without walq's own code. */
import { readFile, writeFile } from 'node:fs/promises';
import { decodeManifestFrame, encodeManifestFrame } from '@walq/wal-core/internal';

const BLOCK_BYTES = 128 * 1024;

/** A frame of zeros: each 4 bytes of it stand for 128 KiB. */
export function zeros(bytes: number, windowLog = 17): Buffer {
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (windowLog - 10) << 3]);
  const blocks = Math.ceil(bytes / BLOCK_BYTES);
  const body = Buffer.alloc(blocks * 4);
  for (let block = 0; block < blocks; block += 1) {
    const isLast = block === blocks - 1 ? 1 : 0;
    body.writeUIntLE((BLOCK_BYTES << 3) | 0b010 | isLast, block * 4, 3);
  }
  return Buffer.concat([head, body]);
}

/** Replaces the manifest of the object in a file; its data stays. */
export async function restate(path: string, said: object): Promise<void> {
  await writeFile(path, objectWith(await readFile(path), said));
}

/** The same data with a manifest that says something else. */
export function objectWith(object: Buffer, said: object): Buffer {
  const { json, frameBytes } = decodeManifestFrame('it', object);
  return objectOf(object.subarray(0, object.length - frameBytes), json, said);
}

/** With a manifest like that of an object of walq's, but for what is `said` differently. */
export function objectOf(data: Buffer, manifestJson: string, said: object): Buffer {
  const manifest: unknown = JSON.parse(manifestJson);
  return Buffer.concat([
    data,
    encodeManifestFrame(JSON.stringify(Object.assign({}, manifest, said))),
  ]);
}
