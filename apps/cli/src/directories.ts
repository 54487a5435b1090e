export { cacheDirectory, requireStateDirectory, stateDirectory } from '@walq/wal-core';
