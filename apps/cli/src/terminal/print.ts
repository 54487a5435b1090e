import { printableJson, printableLine, printableLines } from '@walq/wal-core/printable';

/** How much a command prints in addition to its data and its errors: set once, from `-q` and `-v`. */
export type Verbosity = 'quiet' | 'normal' | 'verbose';

let current: Verbosity = 'normal';

export const setVerbosity = (verbosity: Verbosity): void => void (current = verbosity);

/** No progress and no notes. */
export const isQuiet = (): boolean => current === 'quiet';

/** A line for each step. */
export const isVerbose = (): boolean => current === 'verbose';

/** Prints a line to stdout. Control characters in values are escaped, so it stays one line. */
export const print = (line: string): Promise<void> => write(printableLine(line));

export const printJson = (value: unknown): Promise<void> =>
  write(printableJson(JSON.stringify(value)));

export async function printLines(lines: readonly string[]): Promise<void> {
  for (const line of lines) await print(line);
}

/** Prints a JSON array of any length while it is read, one item per line. */
export async function printJsonArray(items: AsyncIterable<unknown>): Promise<void> {
  let before = '[';
  for await (const item of items) {
    await write(`${before}${printableJson(JSON.stringify(item))}`);
    before = ',';
  }
  await write(before === '[' ? '[]' : ']');
}

/** Prints a note to stderr, unless `--quiet`. */
export function note(line: string): void {
  if (!isQuiet()) warn(line);
}

/** Prints a step to stderr, with `--verbose`. */
export function detail(line: string): void {
  if (isVerbose()) warn(line);
}

/** Prints a warning to stderr, also with `--quiet`. */
export const warn = (line: string): void => printErrorLines(printableLine(line));

/** Prints several lines to stderr. A line break within a value is escaped. */
export const printErrorLines = (text: string): void =>
  void process.stderr.write(`${printableLines(text)}\n`);

/**
 * Writes a line to stdout, and waits for a slow reader, so that output does not accumulate in memory. If the reader is
 * gone, `Interruption` ends the command.
 */
function write(line: string): Promise<void> {
  return new Promise((resolve) => {
    const hasRoom = process.stdout.write(`${line}\n`, () => resolve());
    if (hasRoom) resolve();
  });
}
