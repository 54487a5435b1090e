/** Reads a small object whole, into memory and without a thread, for content that walq itself uses. */
import type { Disk } from '../base/disk/disk.ts';
import type { MemoryFile } from '../base/disk/memory-file.ts';
import { WalqError } from '../base/failure/walq-error.ts';

export interface ReadTask {
  readonly objectPath: string;
  readonly memory?: MemoryFile | undefined;
  /** Names the object in messages. */
  readonly where: string;
  /** A longer object is `object-corrupt`. */
  readonly bytesMax: number;
}

export interface WholeObject {
  readonly plain: Buffer;
  readonly manifestJson: string;
}

/** Rejects with `object-corrupt` where the object does not match its manifest. */
export async function readObject(
  disk: Disk,
  { objectPath, memory, where, bytesMax }: ReadTask,
): Promise<WholeObject> {
  // Loaded only here: the main thread of most processes never needs the codec.
  const { Workbench } = await import('./workbench.ts');
  const { decodeObjectTo } = await import('./decode-object.ts');
  const { newCancelFlag } = await import('./thread-signals.ts');
  const pieces: Buffer[] = [];
  let bytes = 0;
  const onPlain = async (plain: Uint8Array): Promise<void> => {
    bytes += plain.length;
    if (bytes > bytesMax) {
      throw new WalqError('object-corrupt', {
        message: `${where} has more than ${bytesMax} bytes`,
      });
    }
    pieces.push(Buffer.from(plain));
  };
  const task = { objectPath, memory, where, cancel: newCancelFlag() };
  const object = await decodeObjectTo(new Workbench(disk), task, onPlain);
  if ('dictionaryNeeded' in object) throw unexpectedDictionary(where);
  return { plain: Buffer.concat(pieces), manifestJson: object.manifestJson };
}

/** Objects that walq itself reads are compressed without a dictionary, so that they can be read alone. */
const unexpectedDictionary = (where: string): WalqError =>
  new WalqError('archive-format-unknown', {
    message: `${where} was compressed with a dictionary, which is supported for segments only`,
  });
