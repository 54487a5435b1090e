import { printableJson } from '@walq/wal-core/printable';

/**
 * Writes a line to stdout, and waits where the reader is slow, so that output never piles up in memory.
 * A reader that went away is no failure of the line: `Interruption` ends the command.
 */
export function print(text: string): Promise<void> {
  return new Promise((resolve) => {
    const hasRoom = process.stdout.write(`${text}\n`, () => resolve());
    if (hasRoom) resolve();
  });
}

export const printJson = (value: unknown): Promise<void> =>
  print(printableJson(JSON.stringify(value)));

export async function printLines(lines: readonly string[]): Promise<void> {
  for (const line of lines) await print(line);
}

/** A JSON array of any length, an item a line, printed while it is read. */
export async function printJsonArray(items: AsyncIterable<unknown>): Promise<void> {
  let before = '[';
  for await (const item of items) {
    await print(`${before}${printableJson(JSON.stringify(item))}`);
    before = ',';
  }
  await print(before === '[' ? '[]' : ']');
}

/** A line to the user that is no data: to stderr. */
export const note = (text: string): void => void process.stderr.write(`${text}\n`);
