/** What a job says of a segment, under which id and in which queue. Never where the segment lies. */
import { z } from 'zod';
import { WalqError } from '@walq/wal-core/internal';

export const JOB_VERSION = 1;

/** Every job of the archive queue has this name in BullMQ. */
export const JOB_NAME = 'archive';

/** No file has a longer name. Whoever can write to Redis may make up one that takes minutes to match a pattern. */
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
  /** How many of BullMQ's counted stalls a worker has outlived since: those do not count any more. */
  stallsSurvived: z.number().int().nonnegative().optional(),
  /** A worker began to run the job alone, and has not ended it yet. */
  startedAlone: z.boolean().optional(),
});

/** What a job says: which segment of which source, and never where it lies. */
export type ArchiveJob = z.infer<typeof jobSchema>;

/** Why a job is not for this worker. */
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

/** The BullMQ queue of one source, so that each can be paused and seen by itself. */
export function queueNameOf(prefix: string, sourceName: string): string {
  const name = `${prefix}-${sourceName}`;
  if (!name.includes(':')) return name;
  throw new WalqError('configuration-invalid', {
    message: `the queue name '${name}' contains ':', which Redis keys use as separator`,
    hint: 'Choose a queue.name of letters, digits and dashes.',
  });
}

/** No job rests for longer before it is tried again, whatever it failed of; milliseconds. */
export const LONGEST_DELAY_MS = 600_000;
