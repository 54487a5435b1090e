import type { Source } from '../segment/source.ts';
import type { Secret } from './secret.ts';

/** What `loadConfig` makes of flags, environment and file: checked, resolved and complete. */
export interface Config {
  /** Absolute path of the file that was read; undefined where there was none. */
  readonly file: string | undefined;
  /** Undefined where no server is named: only `walq up` and `walq demo` then start their own. */
  readonly redis: RedisConfig | undefined;
  readonly queue: { readonly name: string };
  readonly wal: WalConfig;
  readonly compression: { readonly level: number; readonly dictionary: 'off' };
  /** The archive of every source that names none of its own. */
  readonly archive: { readonly url: string | undefined };
  /** In the order of the file. */
  readonly sources: readonly ConfiguredSource[];
  readonly producer: { readonly health: Address | undefined };
  readonly worker: { readonly health: Address | undefined };
  readonly dashboard: { readonly listen: Address; readonly readOnly: boolean };
  readonly log: { readonly level: LogLevel };
}

export interface WalConfig {
  /** Whether the stored object is read back (true), or decoded before it is published (false). */
  readonly conservativeMode: boolean;
  /** Segments at once in one worker process. */
  readonly archiveParallelism: number;
  /** Whether an engine's flush only announces segments (true) or waits for their archiving. */
  readonly archiveAsync: boolean;
}

export interface ConfiguredSource extends Source {
  /** Where this source is archived, as a URL. */
  readonly archiveUrl: string;
}

export interface Address {
  readonly host: string;
  readonly port: number;
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
  | {
      readonly kind: 'sentinel';
      readonly sentinels: readonly Address[];
      readonly masterName: string;
    };

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];
