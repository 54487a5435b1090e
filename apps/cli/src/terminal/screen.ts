/** The alternate screen of a terminal, for output that is redrawn; the previous screen returns at the end. */
import { printableLine } from '@walq/wal-core/printable';
import stringWidth from 'string-width';
import { setTimeout as sleep } from 'node:timers/promises';
import { printLines } from './print.ts';

const OPEN = '\x1B[?1049h\x1B[?25l';
const CLOSE = '\x1B[?25h\x1B[?1049l';
const HOME = '\x1B[H';
const CLEAR_LINE = '\x1B[K';
const CLEAR_BELOW = '\x1B[J';

interface Screen {
  /** Replaces the content in one write, so that it does not flicker. */
  draw(lines: readonly string[]): void;
  close(): void;
}

function openScreen(terminal: NodeJS.WriteStream): Screen {
  terminal.write(OPEN);
  // A size of 0 is unknown.
  return {
    draw: (lines) => {
      const shown = fitting(lines.map(printableLine), terminal.rows || 24, terminal.columns || 80);
      terminal.write(`${HOME}${shown.map((line) => line + CLEAR_LINE).join('\n')}${CLEAR_BELOW}`);
    },
    close: () => void terminal.write(CLOSE),
  };
}

/** The first lines that fit a terminal of this size; a long line takes several rows. */
export function fitting(lines: readonly string[], rows: number, columns: number): string[] {
  const rowsOf = (line: string): number => Math.max(1, Math.ceil(stringWidth(line) / columns));
  const all = lines.reduce((sum, line) => sum + rowsOf(line), 0);
  if (all <= rows) return [...lines];
  const shown: string[] = [];
  let used = 0;
  for (const line of lines) {
    used += rowsOf(line);
    if (used > rows - 1) break;
    shown.push(line);
  }
  return [...shown, `… ${lines.length - shown.length} more lines`];
}

export interface WatchOptions {
  readonly title: string;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  /** See `Call`. */
  readonly endAtOnce: (restore: () => void) => void;
}

/**
 * Prints the lines of `read` at each interval until it is interrupted: on the alternate screen of a terminal, elsewhere
 * in blocks, each after its time.
 */
export async function watchLines(
  { title, intervalMs, signal, endAtOnce }: WatchOptions,
  read: () => Promise<readonly string[]>,
): Promise<void> {
  const screen = process.stdout.isTTY ? openScreen(process.stdout) : undefined;
  endAtOnce(() => screen?.close());
  try {
    while (!signal.aborted) {
      const lines = await read();
      const time = new Date().toISOString();
      if (screen === undefined) await printLines(['', time, ...lines]);
      else screen.draw([`${title}  ${time}  Ctrl-C ends`, '', ...lines]);
      await sleep(intervalMs, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    screen?.close();
  }
}
