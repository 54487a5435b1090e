export {
  findQuarantined,
  listQuarantine,
  quarantineFilter,
  quarantineSegment,
  releaseFromQuarantine,
  setAsideBy,
} from './quarantine.ts';
export type { ListedRecord, QuarantineReason, QuarantineRecord } from './record.ts';
