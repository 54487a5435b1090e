export { parseHistory, timelineOf, type HistoryEntry, type TimelineHistory } from './history.ts';
export { TimelineReader, type ReadTimelines } from './read-timelines.ts';
export { isOnPart, segmentOnPath, Timelines, type Branch, type PathPart } from './timelines.ts';
