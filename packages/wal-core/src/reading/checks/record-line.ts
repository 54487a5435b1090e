/** A check as one line of a file: its checksum, then JSON. A damaged line is a check that never was. */
import { crc32c } from '@node-rs/crc32';
import { z } from 'zod';
import { catalogue, type FailureCode } from '../../base/failure/catalogue.ts';
import type { CheckRecord } from './check-record.ts';

const MESSAGE_CHARACTERS_MAX = 300;
/** Clocks differ and are set; a check further ahead would keep its object from ever being checked again. */
const AHEAD_MS_MAX = 60_000;

const faultSchema = z.tuple([
  z.custom<FailureCode>((value) => typeof value === 'string' && Object.hasOwn(catalogue, value)),
  z.string(),
]);
const lineSchema = z.tuple([
  z.string(),
  z.number().int().nonnegative(),
  z.string(),
  z.number().nonnegative(),
  faultSchema.nullable(),
]);

export function writeLine(path: string, record: CheckRecord): string {
  const { objectBytes, identity, checkedAtMs, fault } = record;
  const said = fault && [fault.code, fault.message.slice(0, MESSAGE_CHARACTERS_MAX)];
  const json = JSON.stringify([path, objectBytes, identity, checkedAtMs, said ?? null]);
  return `${checksum(json)} ${json}\n`;
}

export function readLine(line: string): readonly [path: string, CheckRecord] | undefined {
  const json = line.slice(9);
  if (line.slice(0, 9) !== `${checksum(json)} `) return undefined;
  const parsed = lineSchema.safeParse(parseJson(json)).data;
  if (parsed === undefined) return undefined;
  const [path, objectBytes, identity, checkedAtMs, fault] = parsed;
  if (checkedAtMs > Date.now() + AHEAD_MS_MAX) return undefined;
  const said = fault && { fault: { code: fault[0], message: fault[1] } };
  return [path, { objectBytes, identity, checkedAtMs, ...said }];
}

/** Undefined, which fits no schema, for what is not JSON: a checksum says nothing of who wrote a line. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const checksum = (json: string): string => crc32c(json).toString(16).padStart(8, '0');
