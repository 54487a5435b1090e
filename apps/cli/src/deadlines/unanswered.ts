/**
 * A disk call that never returns keeps its thread, and a process that exits waits for all of its threads. A command
 * that has printed its result kills itself then; the script apps/cli/bin/walq turns that into exit code 1.
 */
let isAny = false;

/** Records that a disk does not answer, so that the process ends by SIGKILL. */
export const noteUnanswered = (): void => {
  isAny = true;
};

/** The result of `work`. Rejects with `late` after the time, and abandons the work. */
export async function answeredWithin<T>(
  timeoutMs: number,
  late: () => Error,
  work: () => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      noteUnanswered();
      reject(late());
    }, timeoutMs);
  });
  try {
    return await Promise.race([work(), timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** Returns if every disk has answered; otherwise ends the process. */
export async function endUnanswered(): Promise<void> {
  if (!isAny) return;
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => stream.write('', () => resolve()));
  }
  process.kill(process.pid, 'SIGKILL');
}
