export { afterChecks } from './after-checks.ts';
export { withinBudget, type Budget, type Clock } from './budget.ts';
export { openCheckMemory, type CheckMemory } from './check-memory.ts';
export {
  checkObjects,
  type CheckedObject,
  type CheckOptions,
  type QueuedObject,
} from './check-objects.ts';
export { inCheckOrder } from './check-order.ts';
export type { CheckFault, CheckRecord, FoundObject } from './check-record.ts';
export {
  corruptRecordsOf,
  forgetCorruptObject,
  listCorruptObjects,
  recordChecks,
  type CorruptObject,
} from './corrupt-objects.ts';
export { coverageOf, RECENT_DAYS, type Coverage } from './coverage.ts';
