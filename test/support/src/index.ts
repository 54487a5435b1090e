/** What tests start and clean up: the door of the test support. */
export {
  faultsAtAnyTime,
  faultsAtTheEnd,
  hiddenFiles,
  sameContent,
  visibleObjects,
  type CheckedPlace,
  type Faults,
} from './archive-checker.ts';
export { startBlackHoleProxy } from './black-hole-proxy.ts';
export { ClusterFiles, type ClusterOptions } from './cluster-files.ts';
export { startCuttingProxy, type Cut, type CuttingProxy } from './cutting-proxy.ts';
export { eventually, type EventuallyOptions } from './eventually.ts';
export { freePort } from './free-port.ts';
export { recordsText } from './records-text.ts';
export { FaultProxy, startFaultProxy, type Fault, type ProxiedRequest } from './s3/fault-proxy.ts';
export { RunningS3, S3_ACCESS_KEY, S3_SECRET_KEY, startS3 } from './s3/start-s3.ts';
export { RunningProcess, startProcess, type ProcessOptions } from './start-process.ts';
export { redisBinary, RunningRedis, startRedis } from './start-redis.ts';
export { temporaryDirectory, type TemporaryDirectory } from './temporary-directory.ts';
export { countCases } from './this-test.ts';
export { startWatchedRedis, type WatchedRedis } from './watched-redis.ts';
