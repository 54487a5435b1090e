/** What reads values without the schema of `walq.toml`, which takes as long to load as Node takes to start. */
export { parseAddress, showAddress } from './address.ts';
export { parseArchiveUrl, readArchiveUrl } from './archive-url.ts';
export { usableCores, type CoresRequest } from './cores.ts';
export { parseDuration } from './duration.ts';
export { logLevels, type LogLevel } from './config.ts';
export { nearestOf } from './nearest.ts';
export {
  cacheDirectory,
  requireStateDirectory,
  stateDirectory,
  usualConfigPaths,
} from './own-directories.ts';
export { parseRedisUrl } from './redis-url.ts';
export { hideSecrets, Secret } from './secret.ts';
