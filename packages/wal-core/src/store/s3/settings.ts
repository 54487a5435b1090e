/** How an S3-compatible server is reached; which bucket is the archive's URL's to say. */
export interface S3Settings {
  /** URL of the server; default AWS's own for the region, or what `AWS_ENDPOINT_URL_S3` says. */
  readonly endpoint: string | undefined;
  /** Default what `AWS_REGION` or the profile says, and `us-east-1` with an endpoint. */
  readonly region: string | undefined;
  /** Whether the bucket stands in the path or in the host's name; default `path` with an endpoint. */
  readonly addressing: 'path' | 'virtual-host' | undefined;
  /** Certificate authorities in PEM; undefined means the system's own. */
  readonly certificateAuthority: string | undefined;
  /** What the server is told to encrypt with; default the bucket's own choice. */
  readonly encryption: 'AES256' | 'aws:kms' | 'aws:kms:dsse' | undefined;
  readonly kmsKeyId: string | undefined;
  /**
   * Absolute path of the directory for what is about to be uploaded, and for what is being read. Undefined for a
   * user without a home who names none: no archive in S3 can be opened then.
   */
  readonly stagingDirectory: string | undefined;
  /** No new file is staged while those there hold this much. */
  readonly stagingBytesMax: number;
  readonly deadlines: S3Deadlines;
}

/** Every call ends by these, whatever the server does. Milliseconds. */
export interface S3Deadlines {
  readonly connectMs: number;
  /** Without a single byte going either way, the wait for an answer included. */
  readonly idleMs: number;
  /** For a whole call; to it comes a second for each 64 KiB that it moves. */
  readonly callMs: number;
}

/** Of all archives of a process. */
export interface ArchiveSettings {
  readonly s3: S3Settings;
  /** Bytes that are written to archives in a second, by all threads together; undefined means no limit. */
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

/** Settings for those without a configuration file; what is not said has the default of that. */
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
