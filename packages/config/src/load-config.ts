/** Loads the configuration of a process: flags override the environment, which overrides the file. */
import { dirname } from 'node:path';
import { nodeDisk, WalqError, type Disk } from '@walq/wal-core/internal';
import {
  archiveSettingsOf,
  dashboardConfigOf,
  type Reading,
  redisConfigOf,
} from './read-tables.ts';
import { readConfigFile, type ConfigFile } from './config-file.ts';
import type { Config, ConfigWith, SecretTable, SecretTables } from './config.ts';
import { usableCores } from './cores.ts';
import { environmentSettings, type Environment } from './environment.ts';
import { describeIssue } from './problems.ts';
import { configurationSchema, type ConfigurationTable } from './schema.ts';
import { mergeSettings, settingsOf, type Setting, type Settings } from './settings.ts';
import { sourceProblems } from './source-rules.ts';
import { toConfig } from './to-config.ts';

export interface ConfigRequest<Table extends SecretTable = SecretTable> {
  /** @default the host's filesystem */
  readonly disk?: Disk;
  /**
   * The base of relative paths in flags and environment, and the first directory that is searched for `walq.toml`.
   *
   * @default the process's working directory
   */
  readonly cwd?: string;
  /** @default the process's environment */
  readonly env?: Environment;
  /** The value of `--config`. @default `WALQ_CONFIG`, `./walq.toml`, `/etc/walq/walq.toml` */
  readonly configPath?: string | undefined;
  /** Options that were given as flags of the command. */
  readonly flags?: readonly FlagSetting[];
  /** The secret tables that the process needs; the files of other tables are not opened. @default all */
  readonly secretsOf?: readonly Table[];
  /** The default of `wal.archive_parallelism`. @default the cores, within the container's limit */
  readonly cores?: number;
}

export interface FlagSetting {
  /** As the user types it, for messages: `--concurrency`. */
  readonly flag: string;
  /** Dotted key of the option. */
  readonly key: string;
  /** Undefined if the flag was not given. */
  readonly value: unknown;
}

/**
 * Reads, merges and checks the configuration.
 *
 * @throws WalqError `configuration-invalid`, with one line per problem
 */
export async function loadConfig<Table extends SecretTable = SecretTable>(
  request: ConfigRequest<Table> = {},
): Promise<ConfigWith<Table>> {
  const { disk = nodeDisk, cwd = process.cwd(), env = process.env, configPath } = request;
  const file = await readConfigFile({ disk, cwd, environment: env, configPath });
  const settings = mergeSettings(
    [
      ...fileSettings(file),
      ...environmentSettings(env, cwd),
      ...flagSettings(request.flags ?? [], cwd),
    ],
    originOf(file, cwd),
  );
  const table = check(settings);
  const problems: string[] = [];
  const reading = { disk, settings, problems };
  const secretTables = await secretTablesOf(table, reading, request.secretsOf);
  const archiveSettings = await archiveSettingsOf(table.archive, reading, env);
  assertNoProblems(problems);
  const cores = request.cores ?? (await usableCores({ disk }));
  const found = { cores, archiveSettings };
  const config: Config = { ...toConfig(table, settings, found), file: file?.path };
  return { ...config, ...secretTables };
}

const readers = {
  redis: ({ redis }: ConfigurationTable, reading: Reading) => redisConfigOf(redis, reading),
  dashboard: ({ dashboard }: ConfigurationTable, reading: Reading) =>
    dashboardConfigOf(dashboard, reading),
};

async function secretTablesOf<Table extends SecretTable>(
  table: ConfigurationTable,
  reading: Reading,
  requested: readonly SecretTable[] = ['redis', 'dashboard'],
): Promise<Pick<SecretTables, Table>> {
  const read: Partial<Record<SecretTable, unknown>> = {};
  for (const name of requested) read[name] = await readers[name](table, reading);
  return read as Pick<SecretTables, Table>;
}

const originOf = (file: ConfigFile | undefined, cwd: string): Setting['origin'] =>
  file === undefined
    ? { label: 'configuration', baseDirectory: cwd }
    : { label: file.path, baseDirectory: dirname(file.path) };

function fileSettings(file: ConfigFile | undefined): Setting[] {
  return file === undefined ? [] : settingsOf(file.table, originOf(file, '/'));
}

function flagSettings(flags: readonly FlagSetting[], cwd: string): Setting[] {
  return flags.flatMap(({ flag, key, value }) => {
    if (value === undefined) return [];
    return [{ path: key.split('.'), value, origin: { label: flag, baseDirectory: cwd } }];
  });
}

function check(settings: Settings): ConfigurationTable {
  const parsed = configurationSchema.safeParse(settings.tree);
  const issues = parsed.error?.issues.flatMap((issue) => describeIssue(settings, issue)) ?? [];
  assertNoProblems([...issues, ...sourceProblems(settings)]);
  return configurationSchema.parse(settings.tree);
}

function assertNoProblems(problems: readonly string[]): void {
  if (problems.length === 0) return;
  const message =
    problems.length === 1
      ? problems.join('')
      : [`${problems.length} problems in the configuration`, ...problems].join('\n  ');
  throw new WalqError('configuration-invalid', { message });
}
