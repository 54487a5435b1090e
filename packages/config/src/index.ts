export { parseAddress, showAddress } from './address.ts';
export { parseArchiveUrl, readArchiveUrl } from './archive-url.ts';
export { usualConfigPaths } from './config-file.ts';
export {
  logLevels,
  type Address,
  type Config,
  type ConfigWith,
  type ConfiguredSource,
  type DashboardConfig,
  type LogLevel,
  type RedisConfig,
  type RedisServers,
  type SecretTable,
  type TelemetryConfig,
  type WalConfig,
} from './config.ts';
export { usableCores, type CoresRequest } from './cores.ts';
export { parseDuration } from './duration.ts';
export { nearestOf } from './nearest.ts';
export { type Environment, unknownVariables, type UnknownVariable } from './environment.ts';
export { hideSecrets, Secret } from './secret.ts';
export { loadConfig, type ConfigRequest, type FlagSetting } from './load-config.ts';
export { cacheDirectory, requireStateDirectory, stateDirectory } from './own-directories.ts';
export { parseRedisUrl } from './redis-url.ts';
export { listOptions, type OptionDescription } from './problems.ts';
export { isSourceName, SOURCE_NAME_EXPECTED, toSourceName } from './source-table.ts';
