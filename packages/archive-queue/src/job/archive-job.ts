/** The payload, id and queue of a job. A job never contains the path of its segment. */
import { z } from 'zod';
import { WalqError } from '@walq/wal-core/internal';

export const JOB_VERSION = 2;

/** Every job of the archive queue has this name in BullMQ. */
export const JOB_NAME = 'archive';

/** No file name is longer. Anyone who can write to Redis may invent one that takes minutes to match a pattern. */
const SEGMENT_CHARACTERS_MAX = 255;
/** The upper limit of the option `queue.batch_segments`. */
export const BATCH_SEGMENTS_MAX = 512;
/** No payload is longer, so a longer one is never read: 512 names of 255 characters, of up to 6 bytes each in JSON. */
export const PAYLOAD_BYTES_MAX = 1024 * 1024;

const segmentSchema = z.object({
  segment: z.string().min(1).max(SEGMENT_CHARACTERS_MAX),
  /** Length of the segment when it was enqueued. */
  bytes: z.number().int().nonnegative(),
  /** When the segment was last written; milliseconds since 1970. */
  sealedAt: z.number().int().nonnegative(),
});

const jobSchema = z.looseObject({
  v: z.literal(JOB_VERSION),
  sourceId: z.uuid(),
  /** A batch: consecutive due segments, in order. */
  segments: z.array(segmentSchema).min(1).max(BATCH_SEGMENTS_MAX).refine(areDistinct),
  /** Where the producer runs, for people. */
  host: z.string().optional(),
  /** How many workers died with this segment in a batch, before it got a job of its own. */
  stallsBefore: z.number().int().nonnegative().optional(),
  /** How many of the stalls were survived by a later worker; they no longer count. */
  stallsSurvived: z.number().int().nonnegative().optional(),
  /** A worker has started to run the job alone, and has not finished it. */
  startedAlone: z.boolean().optional(),
});

/** Which segments of which source to archive. */
export type ArchiveJob = z.infer<typeof jobSchema>;

/** One segment of a batch. */
export type BatchSegment = z.infer<typeof segmentSchema>;

function areDistinct(segments: readonly { readonly segment: string }[]): boolean {
  return new Set(segments.map(({ segment }) => segment)).size === segments.length;
}

/** Why this worker must not run a job. */
export type ForeignJob = 'unknown-version' | 'malformed' | 'other-source';

/** Reads a job's payload, which may come from another version of walq or from anywhere. */
export function parseJob(payload: unknown, sourceId: string): ArchiveJob | ForeignJob {
  const job = asVersion2(payload);
  const parsed = jobSchema.safeParse(job);
  if (!parsed.success) {
    return hasVersion(job) && job.v !== JOB_VERSION ? 'unknown-version' : 'malformed';
  }
  return parsed.data.sourceId === sourceId ? parsed.data : 'other-source';
}

/** A job of version 1, which an older producer adds, has one segment: a batch of one. */
function asVersion2(payload: unknown): unknown {
  if (!hasVersion(payload) || payload.v !== 1) return payload;
  const { segment, bytes, sealedAt, ...job } = payload;
  return { ...job, v: JOB_VERSION, segments: [{ segment, bytes, sealedAt }] };
}

const hasVersion = (payload: unknown): payload is { v: unknown; [field: string]: unknown } =>
  typeof payload === 'object' && payload !== null && !Array.isArray(payload) && 'v' in payload;

const outsidePlain = /[^A-Za-z0-9._-]/g;

/**
 * The BullMQ id of a job of one segment: two different names never give one id.
 *
 * BullMQ reads meaning into ids that are integers, contain `:` or begin with `0:`. Hence the prefix,
 * and every other UTF-16 unit as `~` and four hexadecimal digits.
 */
export const jobIdOf = (segmentName: string): string => `s-${escaped(segmentName)}`;

/** The separator of a batch's id. No escaped name contains it. */
const BETWEEN = '~-';

/**
 * The BullMQ id of a batch: that of its segment if it has one, else the first name, the last name and the number of
 * segments. The scripts that count segments read the number from the id.
 */
export function batchIdOf(segments: readonly BatchSegment[]): string {
  const [first, ...more] = segments;
  if (first === undefined) throw new Error('a batch has at least one segment');
  const last = more.at(-1);
  if (last === undefined) return jobIdOf(first.segment);
  const ends = [first, last].map(({ segment }) => escaped(segment));
  return `b-${[...ends, segments.length].join(BETWEEN)}`;
}

const escaped = (name: string): string => name.replace(outsidePlain, escapeUnit);

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
