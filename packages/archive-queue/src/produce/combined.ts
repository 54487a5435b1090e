/** A read on behalf of all who ask for it at the same time. */
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Returns a function whose calls share one run of `read`: those made together, and those made while an earlier run takes
 * its time or the pause after it, whose length is this many times the time that it took.
 */
export function combined<Asked, Answer>(
  read: (asked: readonly Asked[]) => Promise<Answer>,
  pauseFactor: number,
): (asked: Asked) => Promise<Answer> {
  let gathering: { readonly asked: Asked[]; readonly answer: Promise<Answer> } | undefined;
  let quiet: Promise<void> = Promise.resolve();

  const readAfter = async (pause: Promise<void>, asked: readonly Asked[]): Promise<Answer> => {
    await pause;
    gathering = undefined;
    const startedMs = performance.now();
    const reading = read(asked);
    const pauseAfter = (): Promise<void> =>
      sleep(pauseFactor * (performance.now() - startedMs), undefined, { ref: false });
    quiet = reading.then(pauseAfter, pauseAfter);
    return reading;
  };

  return (one) => {
    if (gathering === undefined) {
      const asked: Asked[] = [];
      gathering = { asked, answer: readAfter(quiet, asked) };
    }
    gathering.asked.push(one);
    return gathering.answer;
  };
}
