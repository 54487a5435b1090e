import { printableJson, printableLine, printableLines } from '@walq/wal-core/printable';
import { isQuiet, isVerbose } from './verbosity.ts';

/** A line of text to stdout. Whatever values it holds, it stays one line that does nothing to a terminal. */
export const print = (line: string): Promise<void> => write(printableLine(line));

export const printJson = (value: unknown): Promise<void> =>
  write(printableJson(JSON.stringify(value)));

export async function printLines(lines: readonly string[]): Promise<void> {
  for (const line of lines) await print(line);
}

/** A JSON array of any length, an item a line, printed while it is read. */
export async function printJsonArray(items: AsyncIterable<unknown>): Promise<void> {
  let before = '[';
  for await (const item of items) {
    await write(`${before}${printableJson(JSON.stringify(item))}`);
    before = ',';
  }
  await write(before === '[' ? '[]' : ']');
}

/** A line to the user that is not data: to stderr, and not with `--quiet`. */
export function note(line: string): void {
  if (!isQuiet()) warn(line);
}

/** A step of what is done: with `--verbose`. */
export function detail(line: string): void {
  if (isVerbose()) warn(line);
}

/** As `note`, with `--quiet` too. */
export const warn = (line: string): void => printErrorLines(printableLine(line));

/** A failure, in several lines, whose values are on one line each. */
export const printErrorLines = (text: string): void =>
  void process.stderr.write(`${printableLines(text)}\n`);

/**
 * Writes a line to stdout, and waits where the reader is slow, so that output never piles up in memory.
 * A reader that went away is no failure of the line: `Interruption` ends the command.
 */
function write(line: string): Promise<void> {
  return new Promise((resolve) => {
    const hasRoom = process.stdout.write(`${line}\n`, () => resolve());
    if (hasRoom) resolve();
  });
}
