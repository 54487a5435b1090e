/** How to reach an S3-compatible server. The archive's URL names the bucket. */
export interface S3Settings {
  /** URL of the server. Default: `AWS_ENDPOINT_URL_S3`, otherwise AWS's own for the region. */
  readonly endpoint: string | undefined;
  /** Default: `AWS_REGION` or that of the profile; `us-east-1` with an endpoint. */
  readonly region: string | undefined;
  /** Whether the bucket is in the path or in the host name. Default: `path` with an endpoint. */
  readonly addressing: 'path' | 'virtual-host' | undefined;
  /** Certificate authorities in PEM. Default: those of the system. */
  readonly certificateAuthority: string | undefined;
  /** Server-side encryption. Default: that of the bucket. */
  readonly encryption: 'AES256' | 'aws:kms' | 'aws:kms:dsse' | undefined;
  readonly kmsKeyId: string | undefined;
  /**
   * Absolute path of the directory for uploads and downloads. Undefined for a user without a home directory who sets
   * none; then no archive in S3 can be opened.
   */
  readonly stagingDirectory: string | undefined;
  /** No new file is staged while the staged files have this many bytes. */
  readonly stagingBytesMax: number;
  readonly deadlines: S3Deadlines;
}

/** Limits of every call, whatever the server does, in milliseconds. */
export interface S3Deadlines {
  readonly connectMs: number;
  /** Abort a request after this long without progress, including the wait for an answer. */
  readonly idleMs: number;
  /** Limit of a whole call, plus one second for each 64 KiB that it transfers. */
  readonly callMs: number;
}

/** Settings of all archives of a process. */
export interface ArchiveSettings {
  readonly s3: S3Settings;
  /** Write limit of the process, in bytes per second. Default: none. */
  readonly maxBytesPerSecond: number | undefined;
}

const GIBIBYTE = 1024 ** 3;

export const S3_DEFAULTS = {
  stagingBytesMax: 4 * GIBIBYTE,
  deadlines: { connectMs: 10_000, idleMs: 30_000, callMs: 60_000 },
} as const;

export interface ArchiveSettingsOptions {
  readonly maxBytesPerSecond?: number;
  readonly s3: Partial<S3Settings> & { readonly stagingDirectory: string };
}

/** Settings without a configuration file, with the same defaults. */
export const archiveSettings = ({
  maxBytesPerSecond,
  s3,
}: ArchiveSettingsOptions): ArchiveSettings => ({
  maxBytesPerSecond,
  s3: { ...unset, ...S3_DEFAULTS, ...s3 },
});

const unset = {
  endpoint: undefined,
  region: undefined,
  addressing: undefined,
  certificateAuthority: undefined,
  encryption: undefined,
  kmsKeyId: undefined,
};
