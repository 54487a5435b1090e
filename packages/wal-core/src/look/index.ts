export type { Backlog } from './backlog.ts';
export {
  createInspector,
  type Inspector,
  type InspectorOptions,
  type NamedRange,
} from './inspector.ts';
export { levelOf, worstFirst, type Condition, type ConditionKind } from './condition.ts';
export { diskConditions, type Known } from './disk-conditions.ts';
export { showSpan } from './show-span.ts';
export type { LastArchived, QuarantinedFor, SourceFigures, SourceLook } from './source-look.ts';
export { takeSnapshot, type SourceSnapshot } from './source-snapshot.ts';
export type { Unflushed } from './unflushed.ts';
