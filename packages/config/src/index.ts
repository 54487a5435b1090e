export * from './values.ts';
export {
  type Address,
  type Config,
  type ConfigWith,
  type ConfiguredSource,
  type DashboardConfig,
  type RedisConfig,
  type RedisServers,
  type SecretTable,
  type TelemetryConfig,
  type WalConfig,
} from './config.ts';
export { type Environment, unknownVariables, type UnknownVariable } from './environment.ts';
export { loadConfig, type ConfigRequest, type FlagSetting } from './load-config.ts';
export { listOptions, type OptionDescription } from './problems.ts';
export { isSourceName, SOURCE_NAME_EXPECTED, toSourceName } from './source-table.ts';
