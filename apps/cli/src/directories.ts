export { cacheDirectory, requireStateDirectory, stateDirectory } from '@walq/config';
