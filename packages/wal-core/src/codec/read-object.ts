/** A small object as a whole, in memory and without a thread: for what walq itself has to read of an archive. */
import type { Disk } from '../base/disk/disk.ts';
import type { MemoryFile } from '../base/disk/memory-file.ts';
import { WalqError } from '../base/failure/walq-error.ts';

export interface ReadTask {
  readonly objectPath: string;
  readonly memory?: MemoryFile | undefined;
  /** Names the object in messages. */
  readonly where: string;
  /** One that holds more is refused as `object-corrupt`. */
  readonly bytesMax: number;
}

export interface WholeObject {
  readonly plain: Buffer;
  readonly manifestJson: string;
}

/** Checked like every other: what does not decode to what it states rejects with `object-corrupt`. */
export async function readObject(
  disk: Disk,
  { objectPath, memory, where, bytesMax }: ReadTask,
): Promise<WholeObject> {
  // Loaded by those alone who read one: the main thread of most processes never needs the codec.
  const { Workbench } = await import('./workbench.ts');
  const { decodeObjectTo } = await import('./decode-object.ts');
  const { newCancelFlag } = await import('./thread-signals.ts');
  const pieces: Buffer[] = [];
  let bytes = 0;
  const onPlain = async (plain: Uint8Array): Promise<void> => {
    bytes += plain.length;
    if (bytes > bytesMax) {
      throw new WalqError('object-corrupt', {
        message: `${where} holds more than ${bytesMax} bytes`,
      });
    }
    pieces.push(Buffer.from(plain));
  };
  const task = { objectPath, memory, where, cancel: newCancelFlag() };
  const object = await decodeObjectTo(new Workbench(disk), task, onPlain);
  if ('dictionaryNeeded' in object) throw unexpectedDictionary(where);
  return { plain: Buffer.concat(pieces), manifestJson: object.manifestJson };
}

/** What walq reads itself it compresses without: it has to be readable by itself. */
const unexpectedDictionary = (where: string): WalqError =>
  new WalqError('archive-format-unknown', {
    message: `${where} was compressed with a dictionary, which only segments are`,
  });
