export type { AheadFailure } from './archive-ahead.ts';
export { isAttended, PRESENCE_EVERY_MS, showPresence, type PresentRole } from './presence.ts';
export { clearRefusal, findRefusal, recordRefusal, type PushRefusal } from './refusal.ts';
export { pushSegment, type PushOptions, type PushReport } from './push-segment.ts';
