import type { DictionarySetting, Level, Source, ArchiveSettings } from '@walq/wal-core/internal';
import type { Secret } from './secret.ts';

/** What `loadConfig` makes of flags, environment and file, checked and resolved: the part that opens no secret. */
export interface Config {
  /** Absolute path of the file that was read; undefined where there was none. */
  readonly file: string | undefined;
  readonly queue: { readonly name: string };
  readonly wal: WalConfig;
  readonly compression: { readonly level: Level; readonly dictionary: DictionarySetting };
  /** The archive of every source that names none of its own. */
  readonly archive: { readonly url: string | undefined; readonly settings: ArchiveSettings };
  /** In the order of the file. */
  readonly sources: readonly ConfiguredSource[];
  readonly worker: { readonly shutdownGraceMs: number };
  readonly metrics: { readonly listen: Address | 'off'; readonly allowedHosts: readonly string[] };
  readonly telemetry: TelemetryConfig;
  readonly log: { readonly level: LogLevel; readonly format: LogFormat };
}

/**
 * The tables that name secrets. Each process asks for the ones that it needs, and only their files are opened:
 * a worker does not fail because the dashboard's token is not there.
 */
export interface SecretTables {
  /** Undefined where no server is named: only `walq up` and `walq demo` then start their own. */
  readonly redis: RedisConfig | undefined;
  readonly dashboard: DashboardConfig;
}

export type SecretTable = keyof SecretTables;

/** A configuration with the tables that were asked for. */
export type ConfigWith<Table extends SecretTable> = Config & Pick<SecretTables, Table>;

export interface WalConfig {
  /** Whether the stored object is read back (true), or decoded before it is published (false). */
  readonly conservativeMode: boolean;
  /** Segments at once in one worker process. */
  readonly archiveParallelism: number;
  /** Scheduling priority of the threads that archive, on Linux: 0 to 19, the lowest. */
  readonly archiveNice: number;
  /** Whether an engine's flush only announces segments (true) or waits for their archiving. */
  readonly archiveAsync: boolean;
}

export interface ConfiguredSource extends Source {
  /** Where this source is archived, as a URL. */
  readonly archiveUrl: string;
  /** How that is reached: the same for all. */
  readonly archiveSettings: ArchiveSettings;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface DashboardConfig {
  readonly listen: Address;
  readonly readOnly: boolean;
  /** Only a proxy that authenticates can reach the dashboard. */
  readonly trustedProxy: boolean;
  readonly token: Secret | undefined;
  readonly login: { readonly username: string; readonly password: Secret } | undefined;
}

export interface TelemetryConfig {
  readonly traces: 'off' | 'otlp';
  /** Where a collector takes OTLP over HTTP. */
  readonly endpoint: string;
}

export interface RedisConfig {
  /** For messages: the server without user and password. */
  readonly shown: string;
  readonly servers: RedisServers;
  /** Number of the logical database. */
  readonly database: number;
  readonly tls: boolean;
  /** Certificate authorities in PEM; undefined means the system's own. */
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
