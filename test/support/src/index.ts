/** What tests start and clean up: the door of the test support. */
export { eventually, type EventuallyOptions } from './eventually.ts';
export { countCases } from './count-cases.ts';
export { freePort } from './free-port.ts';
export { startProcess, type Ended, type ProcessOptions } from './start-process.ts';
export { RunningProcess } from './running-process.ts';
export { recordsText } from './records-text.ts';
export { startRedis, type RedisOptions } from './start-redis.ts';
export { RunningRedis } from './running-redis.ts';
export { startWatchedRedis, type WatchedRedis } from './watched-redis.ts';
export { BlackHoleProxy, startBlackHoleProxy } from './black-hole-proxy.ts';
export { redisBinary } from './redis-binary.ts';
export { temporaryDirectory, type TemporaryDirectory } from './temporary-directory.ts';
export * from './checker/index.ts';
export { ClusterFiles, type ClusterOptions } from './cluster-files.ts';
export { RunningS3, S3_ACCESS_KEY, S3_SECRET_KEY, startS3 } from './s3/start-s3.ts';
export {
  FaultProxy,
  startFaultProxy,
  type Fault,
  type FaultOf,
  type ProxiedRequest,
} from './s3/fault-proxy.ts';
export { startCuttingProxy, type Cut, type CuttingProxy } from './cutting-proxy.ts';
