/**
 * How long a test waits for what must happen, in milliseconds, before it takes it for hung.
 * No expectation: on a busy machine starting one role may take half a minute.
 */
export const PATIENCE_MS = 120_000;
