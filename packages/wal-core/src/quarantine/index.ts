export {
  isQuarantined,
  listQuarantine,
  quarantineFilter,
  quarantineSegment,
  releaseFromQuarantine,
} from './quarantine.ts';
export type { QuarantineReason, QuarantineRecord } from './record.ts';
