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
