export { readCluster, type Cluster } from './control-file.ts';
export { beginsAsSegment, type PostgresFormat } from './page-check.ts';
export {
  parseLsn,
  parseWalFile,
  segmentNameAt,
  segmentNumber,
  startLsn,
  type WalFile,
  type WalFileKind,
} from './wal-file.ts';
