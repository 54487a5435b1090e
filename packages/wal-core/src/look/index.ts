export type { Backlog } from './backlog.ts';
export {
  createInspector,
  type Inspector,
  type InspectorOptions,
  type NamedRange,
} from './inspector.ts';
export type { LastArchived, SourceFigures, SourceLook } from './source-look.ts';
