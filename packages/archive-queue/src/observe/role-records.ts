/**
 * The record of each role process in Redis, under a key that expires unless it is renewed. It is shown to people; nothing
 * else depends on it. Fields that were added later have defaults, because processes of several versions run at the same
 * time during an upgrade.
 */
import { z } from 'zod';

const failureSchema = z.object({ code: z.string(), message: z.string(), hint: z.string() });

/** A segment in progress. Times are milliseconds since 1970. */
const segmentInWorkSchema = z.object({
  source: z.string(),
  segment: z.string(),
  bytes: z.number(),
  /** How many of `bytes` have been read and compressed. */
  doneBytes: z.number(),
  startedAt: z.number(),
});

const sourceStateSchema = z.object({
  isTaking: z.boolean(),
  /** The pause reasons, such as `store-failing`. Older versions require this field under this name. */
  holds: z.array(z.string()),
  stopped: failureSchema.nullable(),
  /** Since when it has been stopped, milliseconds since 1970. */
  stoppedSince: z.number().nullable().default(null),
  isStoreAvailable: z.boolean(),
  /** Why the archive is failing, and since when. Cleared when a segment has been archived, not at the next attempt. */
  archiveFailure: failureSchema.extend({ since: z.number() }).nullable().default(null),
});

/** Segments of a source that fail for the same reason. */
const failedSegmentsSchema = failureSchema.extend({
  source: z.string(),
  /** The latest one to fail. */
  segment: z.string(),
  kind: z.enum(['retried', 'missing', 'quarantined']),
  /** When the latest failed. */
  at: z.number(),
  /** How many have failed and not succeeded since. */
  segments: z.number().default(1),
  /** When the first one failed. */
  since: z.number().nullable().default(null),
});

export const workerRecordSchema = z.object({
  id: z.string(),
  host: z.string(),
  /** How many segments it archives at once. */
  concurrency: z.number(),
  /** How many it has taken and not finished. */
  active: z.number(),
  sources: z.array(z.string()),
  version: z.string().default('unknown'),
  startedAt: z.number().nullable().default(null),
  threads: z.number().default(0),
  threadsBusy: z.number().default(0),
  /** When a segment last started, progressed or finished; null before the first. */
  lastProgressAt: z.number().nullable().default(null),
  /** There is work, and no segment has started, progressed or finished for a long time. */
  isStuck: z.boolean().default(false),
  /** At most 64. */
  inWork: z.array(segmentInWorkSchema).default([]),
  /** By source. */
  states: z.record(z.string(), sourceStateSchema).default({}),
  /** One entry per source and failure, newest first, at most 20. */
  failures: z.array(failedSegmentsSchema).default([]),
});

const spaceSchema = z.object({
  freeBytes: z.number(),
  sizeBytes: z.number(),
  filesystem: z.string().optional(),
  isReadOnly: z.boolean().optional(),
});

const unflushedSchema = z.object({
  segments: z.number(),
  bytes: z.number(),
  oldestAgeMs: z.number().nullable(),
  flushedUpTo: z.string().nullable(),
  watermarkAgeMs: z.number().nullable(),
  skipNewest: z.number().nullable(),
});

const quarantinedSchema = z.object({
  code: z.string(),
  segments: z.number(),
  segment: z.string(),
  message: z.string(),
  since: z.string(),
});

const blockedSchema = z.object({
  segment: z.string(),
  code: z.string(),
  message: z.string(),
  hint: z.string(),
  since: z.string(),
  lastAt: z.string(),
  tries: z.number(),
});

/** As `SourceFigures` of wal-core. */
const figuresSchema = z.object({
  takenAt: z.string(),
  type: z.enum(['log', 'directory', 'postgres']).default('directory'),
  archive: z.string().default(''),
  unflushed: unflushedSchema.nullable().default(null),
  archiverBlocked: blockedSchema.nullable().default(null),
  mismatchedSegments: z.number().default(0),
  quarantine: z.array(quarantinedSchema).readonly().default([]),
  unfinishedRepairs: z.number().default(0),
  corruptObjects: z.number().default(0),
  largestDueBytes: z.number().default(0),
  dueSegments: z.number(),
  dueBytes: z.number(),
  oldestDueAgeMs: z.number().nullable(),
  archivedSegments: z.number(),
  lastArchived: z.object({ segment: z.string(), archivedAt: z.string() }).nullable(),
  openGaps: z.number(),
  acknowledgedGaps: z.number(),
  quarantinedSegments: z.number(),
  lostSegments: z.number(),
  recentRatio: z.number().nullable(),
  sourceSpace: spaceSchema.nullable(),
  archiveSpace: spaceSchema.nullable(),
});

export const producerRecordSchema = z.object({
  id: z.string(),
  host: z.string(),
  version: z.string(),
  startedAt: z.number(),
  /** By source: why nothing is enqueued, and the latest figures of its disk and archive. */
  sources: z.record(
    z.string(),
    z.object({
      stopped: failureSchema.nullable(),
      stoppedSince: z.number().nullable().default(null),
      figures: figuresSchema.nullable(),
    }),
  ),
});

export type WorkerRecord = z.infer<typeof workerRecordSchema>;
export type ProducerRecord = z.infer<typeof producerRecordSchema>;
export type FailedSegments = z.infer<typeof failedSegmentsSchema>;
