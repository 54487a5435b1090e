import type {
  ArchiveSettings,
  BatchLimits,
  DictionarySetting,
  Level,
  Source,
} from '@walq/wal-core/internal';
import type { Secret } from './secret.ts';

/** The configuration from flags, environment and file, checked and resolved, without the tables that have secrets. */
export interface Config {
  /** Absolute path of the file that was read; undefined if there was none. */
  readonly file: string | undefined;
  readonly queue: {
    readonly name: string;
    /** Limits of a job. */
    readonly batch: BatchLimits;
  };
  readonly wal: WalConfig;
  readonly compression: { readonly level: Level; readonly dictionary: DictionarySetting };
  /** The archive of every source that has none of its own. */
  readonly archive: { readonly url: string | undefined; readonly settings: ArchiveSettings };
  /** In the order of the file. */
  readonly sources: readonly ConfiguredSource[];
  readonly worker: { readonly shutdownGraceMs: number };
  readonly metrics: { readonly listen: Address | 'off'; readonly allowedHosts: readonly string[] };
  readonly telemetry: TelemetryConfig;
  readonly log: { readonly level: LogLevel; readonly format: LogFormat };
}

/**
 * The tables that have secrets. Each process requests those that it needs, and only their files are opened: a worker does
 * not fail because the dashboard's token file is missing.
 */
export interface SecretTables {
  /** Undefined if no server is configured: `walq up` and `walq demo` then start a private one. */
  readonly redis: RedisConfig | undefined;
  readonly dashboard: DashboardConfig;
}

export type SecretTable = keyof SecretTables;

/** A configuration with the requested secret tables. */
export type ConfigWith<Table extends SecretTable> = Config & Pick<SecretTables, Table>;

export interface WalConfig {
  /** Whether the stored object is read back and decoded (true), or the compressed stream before it is stored (false). */
  readonly conservativeMode: boolean;
  /** How many segments a worker process archives at once. */
  readonly archiveParallelism: number;
  /** Nice value of the archiving threads (Linux), 0 to 19. */
  readonly archiveNice: number;
  /** Whether an engine's flush returns immediately (true) or waits until they are archived. */
  readonly archiveAsync: boolean;
}

export interface ConfiguredSource extends Source {
  /** The URL of this source's archive. */
  readonly archiveUrl: string;
  /** The same for all sources. */
  readonly archiveSettings: ArchiveSettings;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface DashboardConfig {
  readonly listen: Address;
  readonly readOnly: boolean;
  /** Only an authenticating proxy can reach the dashboard. */
  readonly trustedProxy: boolean;
  readonly token: Secret | undefined;
  readonly login: { readonly username: string; readonly password: Secret } | undefined;
}

export interface TelemetryConfig {
  readonly traces: 'off' | 'otlp';
  /** The collector's URL for OTLP over HTTP. */
  readonly endpoint: string;
}

export interface RedisConfig {
  /** For messages: the server without user and password. */
  readonly shown: string;
  readonly servers: RedisServers;
  /** The database number. */
  readonly database: number;
  readonly tls: boolean;
  /** Certificate authorities in PEM; undefined for the system's own. */
  readonly certificateAuthority: string | undefined;
  readonly username: string | undefined;
  readonly password: Secret | undefined;
}

export type RedisServers =
  | { readonly kind: 'single'; readonly address: Address }
  | { readonly kind: 'socket'; readonly path: string }
  | {
      readonly kind: 'sentinel';
      readonly sentinels: readonly Address[];
      readonly masterName: string;
    };

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export const logFormats = ['auto', 'json', 'text'] as const;
export type LogFormat = (typeof logFormats)[number];
