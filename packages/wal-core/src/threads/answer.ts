/** What a thread answers: plain data, for errors lose their class on the way. */
import {
  fromFailureRecord,
  toFailureRecord,
  type FailureRecord,
} from '../base/failure/walq-error.ts';

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: FailureRecord };

export async function answer<T>(work: Promise<T>): Promise<Answer<T>> {
  try {
    return { ok: true, value: await work };
  } catch (error) {
    return { ok: false, failure: toFailureRecord(error) };
  }
}

export function valueOf<T>(given: Answer<T>): T {
  if (given.ok) return given.value;
  throw fromFailureRecord(given.failure);
}
