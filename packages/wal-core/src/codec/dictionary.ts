import type { CancelFlag } from './thread-signals.ts';
import { reasonOf } from '../base/failure/system-error.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { FrameDecoder } from './frame-decoder.ts';
import { FrameEncoder } from './frame-encoder.ts';

/** A zstd dictionary: common content of a source's segments, which makes short segments compress better. */
export interface Dictionary {
  /** SHA-256 of its bytes: its name in the archive and in manifests. */
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

/**
 * As configured: `off` for none; `train` for the one that `walq train` last stored for the source; or a file for all
 * sources.
 */
export type DictionarySetting = 'off' | 'train' | { readonly path: string };

const text = Buffer.from(
  'a dictionary is tested with this text before a segment is compressed with it',
);
const LEVEL = 3;

export interface DictionaryTask {
  readonly dictionary: Dictionary;
  readonly cancel: CancelFlag;
}

/**
 * Checks that zstd can use a dictionary by a round trip of a short text. Runs in a thread of the pool.
 *
 * @throws WalqError `dictionary-unusable`
 */
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
