/**
 * A disk call that never returns keeps its thread, and a process that exits waits for all of its threads. A command
 * that has printed its result kills itself then; the script apps/cli/bin/walq turns that into exit code 1.
 */
let isAny = false;

/** A disk does not answer, and the command ends all the same. */
export const noteUnanswered = (): void => {
  isAny = true;
};

/** What the work gives; rejects with `late` where it takes longer than that, and leaves it behind. */
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

/** Returns where every disk has answered. */
export async function endUnanswered(): Promise<void> {
  if (!isAny) return;
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => stream.write('', () => resolve()));
  }
  process.kill(process.pid, 'SIGKILL');
}
