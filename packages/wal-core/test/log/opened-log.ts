import {
  openLog,
  readLog,
  type Log,
  type LogRecord,
  type OpenLogOptions,
} from '@walq/wal-core/internal';
import { onTestFinished } from 'vitest';

/** A log that is closed when the test ends, unless the test did. */
export async function openedLog(
  directory: string,
  options: Omit<OpenLogOptions, 'directory'> = {},
): Promise<Log> {
  const log = await openLog({ directory, ...options });
  onTestFinished(() => log.close());
  return log;
}

export const text = (payload: string): Uint8Array => new TextEncoder().encode(payload);

/** All records of a log, as `sequence:payload`. */
export async function contentsOf(directory: string, from = 0n): Promise<string[]> {
  const contents: string[] = [];
  for await (const record of readLog(directory, { from })) contents.push(shown(record));
  return contents;
}

export const shown = ({ sequence, payload }: LogRecord): string =>
  `${sequence}:${new TextDecoder().decode(payload)}`;

/** Name of walq's own segment of this number. */
export const nameOf = (number: number): string => `${String(number).padStart(20, '0')}.wal`;

/** Writes a log with these payloads, one segment an array, and closes it. */
export async function writeLog(
  directory: string,
  segments: readonly (readonly string[])[],
): Promise<void> {
  const log = await openLog({ directory });
  for (const [index, payloads] of segments.entries()) {
    for (const payload of payloads) await log.append(text(payload));
    if (index < segments.length - 1) await log.seal();
  }
  await log.close();
}
