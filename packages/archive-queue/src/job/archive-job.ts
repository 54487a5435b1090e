/** The payload, id and queue of a job. A job never contains the path of its segment. */
import { z } from 'zod';
import { WalqError } from '@walq/wal-core/internal';

export const JOB_VERSION = 1;

/** Every job of the archive queue has this name in BullMQ. */
export const JOB_NAME = 'archive';

/** No file name is longer. Anyone who can write to Redis may invent one that takes minutes to match a pattern. */
const SEGMENT_CHARACTERS_MAX = 255;

const jobSchema = z.looseObject({
  v: z.literal(JOB_VERSION),
  sourceId: z.uuid(),
  segment: z.string().min(1).max(SEGMENT_CHARACTERS_MAX),
  /** Length of the segment when it was enqueued. */
  bytes: z.number().int().nonnegative(),
  /** When the segment was last written; milliseconds since 1970. */
  sealedAt: z.number().int().nonnegative(),
  /** Where the producer runs, for people. */
  host: z.string().optional(),
  /** How many of the stalls that BullMQ counted were survived by a later worker; they no longer count. */
  stallsSurvived: z.number().int().nonnegative().optional(),
  /** A worker has started to run the job alone, and has not finished it. */
  startedAlone: z.boolean().optional(),
});

/** Which segment of which source to archive. */
export type ArchiveJob = z.infer<typeof jobSchema>;

/** Why this worker must not run a job. */
export type ForeignJob = 'unknown-version' | 'malformed' | 'other-source';

/** Reads a job's payload, which may come from another version of walq or from anywhere. */
export function parseJob(payload: unknown, sourceId: string): ArchiveJob | ForeignJob {
  const parsed = jobSchema.safeParse(payload);
  if (!parsed.success) return hasOtherVersion(payload) ? 'unknown-version' : 'malformed';
  return parsed.data.sourceId === sourceId ? parsed.data : 'other-source';
}

function hasOtherVersion(payload: unknown): boolean {
  const version = z.looseObject({ v: z.unknown() }).safeParse(payload);
  return version.success && version.data.v !== JOB_VERSION;
}

const ID_PREFIX = 's-';
const outsidePlain = /[^A-Za-z0-9._-]/g;

/**
 * The BullMQ job id of a segment: two different names never give one id.
 *
 * BullMQ reads meaning into ids that are integers, contain `:` or begin with `0:`. Hence the prefix,
 * and every other UTF-16 unit as `~` and four hexadecimal digits.
 */
export const jobIdOf = (segmentName: string): string =>
  ID_PREFIX + segmentName.replace(outsidePlain, escapeUnit);

const escapeUnit = (unit: string): string => `~${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** The name of the BullMQ queue of one source. Each source has its own, so that it can be paused separately. */
export function queueNameOf(prefix: string, sourceName: string): string {
  const name = `${prefix}-${sourceName}`;
  if (!name.includes(':')) return name;
  throw new WalqError('configuration-invalid', {
    message: `the queue name '${name}' contains ':', which separates the parts of a Redis key`,
    hint: 'Choose a queue.name of letters, digits and dashes.',
  });
}

/** The longest delay before a job is tried again, whatever the failure; milliseconds. */
export const LONGEST_DELAY_MS = 600_000;
