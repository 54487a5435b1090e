export { cacheDirectory, stateDirectory } from '@walq/wal-core';
