export { createLogFormatCheck, type LogFormatCheck, type LogPositions } from './format-check.ts';
export { type Log } from './log.ts';
export { openLog, type OpenLogOptions } from './open-log.ts';
export { readLog, type ReadLogOptions } from './read-log.ts';
export { readSegment, type LogRecord, type ReadSegmentOptions } from './read-segment.ts';
export { takeLock, type Lock, type LockPurpose } from './take-lock.ts';
export { type TornTail } from './resume-segment.ts';
