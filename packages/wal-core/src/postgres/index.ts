export { readCluster, type Cluster } from './control-file.ts';
export { beginsAsSegment, type PostgresFormat } from './page-check.ts';
export {
  nameAtSource,
  nameOfEmpty,
  parseLsn,
  parseWalFile,
  partialWithChecksum,
  segmentNameAt,
  segmentNumber,
  startLsn,
  type WalFile,
  type WalFileKind,
} from './wal-file.ts';
