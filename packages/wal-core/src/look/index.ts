export type { Backlog } from './backlog.ts';
export { changeOf, type ChangedFile } from './changed-files.ts';
export {
  createInspector,
  type Inspector,
  type InspectorOptions,
  type NamedRange,
} from './inspector.ts';
export {
  levelOf,
  newCondition,
  worstFirst,
  type Condition,
  type ConditionKind,
} from './condition.ts';
export { diskConditions, type Known } from './disk-conditions.ts';
export { showCount, showSpan } from './show-figures.ts';
export type { LastArchived, QuarantinedFor, SourceFigures, SourceLook } from './source-look.ts';
export { startLook, type RunningLook, type SourceSnapshot } from './source-snapshot.ts';
export type { Unflushed } from './unflushed.ts';
