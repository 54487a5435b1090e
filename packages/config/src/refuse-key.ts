import type { z } from 'zod';

/** What is wrong with a key beside its neighbours, in words of its own; see `describeIssue`. */
export interface Refusal {
  readonly words: string;
}

/** Refuses a key of a table when the condition holds. */
export function refuseKey(
  context: z.RefinementCtx,
  key: string,
  condition: unknown,
  words: string | undefined,
): void {
  if (!condition || words === undefined) return;
  const refusal: Refusal = { words };
  context.addIssue({ code: 'custom', path: [key], message: words, params: { refusal } });
}

/** Refuses a value that is not of the expected form, with the reason where there is one. */
export function refuseValue(context: z.RefinementCtx, because: string | undefined): void {
  context.addIssue({ code: 'custom', message: because ?? '', params: { because } });
}
