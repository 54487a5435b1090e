/**
 * Progress of long work: a bar at a terminal, a line every few seconds elsewhere, a line for each step with `--verbose`,
 * nothing with `--quiet` or `--json`.
 */
import type { SingleBar } from 'cli-progress';
import { showCount } from './human.ts';
import { detail, isQuiet, isVerbose } from './print.ts';

export interface Progress {
  /** Starts, or corrects the total. */
  total(count: number): void;
  /** Counts one more; `step` names it for `--verbose`. */
  advance(step?: string): void;
  /** Ends the bar, after success and failure. May be called twice. */
  stop(): void;
}

export interface ProgressOptions {
  /** The unit, in the singular: `segment`. */
  readonly noun: string;
  /** The work: `archiving`. */
  readonly doing: string;
  readonly quiet: boolean;
}

const LINE_EVERY_MS = 5_000;

export async function showProgress(options: ProgressOptions): Promise<Progress> {
  if (options.quiet || isQuiet()) return { total() {}, advance() {}, stop() {} };
  if (isVerbose()) return progressSteps(options);
  return process.stderr.isTTY ? progressBar(options) : progressLines(options);
}

async function progressBar({ doing, noun }: ProgressOptions): Promise<Progress> {
  const { default: cliProgress } = await import('cli-progress');
  const bar: SingleBar = new cliProgress.SingleBar({
    format: `${doing} {bar} {percentage}% · {value}/{total} ${noun}s · {eta_formatted} left`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
    // The command handles signals itself.
    gracefulExit: false,
  });
  let isStarted = false;
  return {
    total: (count) => {
      if (isStarted) bar.setTotal(count);
      else bar.start(count, 0);
      isStarted = true;
    },
    advance: () => bar.increment(),
    stop: () => bar.stop(),
  };
}

function progressSteps({ doing, noun }: ProgressOptions): Progress {
  let total = 0;
  let done = 0;
  return {
    total: (count) => void (total = count),
    advance: (step = '') => {
      done += 1;
      detail(`${doing}: ${step} (${done.toLocaleString('en-US')} of ${showCount(total, noun)})`);
    },
    stop() {},
  };
}

function progressLines({ doing, noun }: ProgressOptions): Progress {
  let total = 0;
  let done = 0;
  let saidMs = performance.now();
  return {
    total: (count) => void (total = count),
    advance: () => {
      done += 1;
      if (performance.now() - saidMs < LINE_EVERY_MS) return;
      saidMs = performance.now();
      process.stderr.write(
        `${doing}: ${done.toLocaleString('en-US')} of ${showCount(total, noun)}\n`,
      );
    },
    stop() {},
  };
}
