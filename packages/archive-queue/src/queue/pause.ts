/** Who paused the queue of a source, and when. BullMQ knows only that it is paused. */
import { z } from 'zod';

export interface Pause {
  /** `user@host`, or the login of the archive page; null where the queue was paused by other means. */
  readonly by: string | null;
  /** ISO 8601. */
  readonly at: string | null;
}

const TEXT_MAX = 200;

const pauseSchema = z.object({
  by: z.string().max(TEXT_MAX).nullable(),
  at: z.iso.datetime().nullable(),
});

/** No record of walq's own is longer. */
export const PAUSE_CHARS_MAX = 2_000;

export const pauseKey = (queueName: string): string => `walq:{${queueName}}:pause`;

/** What was read from Redis is for people only: a record that cannot be read names nobody. */
export function parsePause(text: string | null): Pause {
  try {
    return pauseSchema.parse(JSON.parse(text ?? ''));
  } catch {
    return { by: null, at: null };
  }
}

/** A pause of this moment. */
export const pauseBy = (by: string): Pause => ({
  by: by.slice(0, TEXT_MAX),
  at: new Date().toISOString(),
});
