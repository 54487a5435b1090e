/** A zstd dictionary: what segments of a source have in common, so that a short one need not say it again. */
export interface Dictionary {
  /** Of its bytes; how the archive and the manifests name it. */
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

/**
 * As configured: `off`, none; `train`, the one that `walq train` stored for the source last; or a file that
 * all sources use.
 */
export type DictionarySetting = 'off' | 'train' | { readonly path: string };
