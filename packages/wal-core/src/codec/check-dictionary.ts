/** Checks that zstd can use a dictionary by a round trip of a short text. Runs in a thread of the pool. */
import type { CancelFlag } from './thread-signals.ts';
import type { Dictionary } from './dictionary.ts';
import { reasonOf } from '../base/failure/system-error.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { FrameDecoder } from './frame-decoder.ts';
import { FrameEncoder } from './frame-encoder.ts';

const text = Buffer.from(
  'a dictionary is tested with this text before a segment is compressed with it',
);
const LEVEL = 3;

export interface DictionaryTask {
  readonly dictionary: Dictionary;
  readonly cancel: CancelFlag;
}

/** @throws WalqError `dictionary-unusable` */
export async function checkDictionary({ dictionary }: DictionaryTask): Promise<void> {
  try {
    // New contexts: one into which a bad dictionary was loaded must not be reused.
    const [encoder, decoder] = [new FrameEncoder(), new FrameDecoder()];
    encoder.begin({ level: LEVEL, bytes: text.length, dictionary });
    decoder.begin({ where: dictionary.sha256, bytesMax: text.length, dictionary });
    await encoder.end(text, (piece) => decoder.push(piece));
    decoder.finish();
  } catch (cause) {
    throw new WalqError('dictionary-unusable', {
      message: `zstd cannot use the dictionary ${dictionary.sha256}: ${reasonOf(cause)}`,
      cause,
    });
  }
}
