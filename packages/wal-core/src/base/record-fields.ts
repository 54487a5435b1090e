/** Fields that several records have. */
import * as v from 'valibot';
import { isFailureCode } from './failure/catalogue.ts';

/** Of RFC 9562, as in the payload of a job. valibot's `uuid()` accepts any version and variant. */
const UUID =
  /^(?:[\da-fA-F]{8}-[\da-fA-F]{4}-[1-8][\da-fA-F]{3}-[89abAB][\da-fA-F]{3}-[\da-fA-F]{12}|0{8}(?:-0{4}){3}-0{12}|f{8}(?:-f{4}){3}-f{12})$/;

export const uuid = v.pipe(v.string(), v.regex(UUID, 'expected a UUID'));

export const nonEmptyString = v.pipe(v.string(), v.nonEmpty('expected a string that is not empty'));

/** JSON's 1e999 is Infinity. */
export const finiteNumber = v.pipe(v.number(), v.finite('expected a finite number'));

export const integer = v.pipe(v.number(), v.safeInteger('expected an integer'));

/** An integer of at least `least`. */
export const integerFrom = (least: number) => v.pipe(integer, v.minValue(least));

export const failureCode = v.pipe(v.string(), v.guard(isFailureCode, 'expected a known code'));

/** ISO 8601, in UTC. valibot's `isoTimestamp()` accepts other time zones and the 30th of February. */
export const time = v.pipe(
  v.string(),
  v.check(isTime, 'expected a time such as 2026-01-31T12:00:00Z'),
);

/** `Date.parse` takes the 30th of February for the 2nd of March. */
function isTime(value: string): boolean {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(value)) return false;
  const ms = Date.parse(value);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(value.slice(0, 10));
}
