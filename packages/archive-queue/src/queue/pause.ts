/** Who paused the queue of a source, and when. BullMQ itself records only that it is paused. */
import { z } from 'zod';

export interface Pause {
  /** `user@host`, or the login of the archive page; null if the queue was paused by other means. */
  readonly by: string | null;
  /** ISO 8601; null if unknown. */
  readonly at: string | null;
}

const TEXT_MAX = 200;

const pauseSchema = z.object({
  by: z.string().max(TEXT_MAX).nullable(),
  at: z.iso.datetime().nullable(),
});

/** Longer than any record that walq writes. */
export const PAUSE_CHARS_MAX = 2_000;

export const pauseKey = (queueName: string): string => `walq:{${queueName}}:pause`;

/** The record is only shown to people. If it cannot be parsed, who and when are unknown. */
export function parsePause(text: string | null): Pause {
  try {
    return pauseSchema.parse(JSON.parse(text ?? ''));
  } catch {
    return { by: null, at: null };
  }
}

/** A pause that begins now. */
export const pauseBy = (by: string): Pause => ({
  by: by.slice(0, TEXT_MAX),
  at: new Date().toISOString(),
});
