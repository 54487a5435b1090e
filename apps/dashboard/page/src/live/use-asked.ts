/** Something asked of the server now, and again from time to time. */
import { useEffect, useState } from 'preact/hooks';
import { ask } from './api.ts';

export interface Asked<T> {
  readonly value: T | undefined;
  readonly problem: string | undefined;
  /** Asks at once. */
  readonly again: () => void;
}

export function useAsked<T>(path: string, everyMs: number, mark: unknown = ''): Asked<T> {
  const [value, setValue] = useState<T>();
  const [problem, setProblem] = useState<string>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    let isWanted = true;
    const load = (): void => {
      ask<T>(path).then(
        (answer) => {
          if (!isWanted) return;
          setValue(answer);
          setProblem(undefined);
        },
        (error: Error) => {
          if (isWanted) setProblem(error.message);
        },
      );
    };
    load();
    const timer = setInterval(load, everyMs);
    return () => {
      isWanted = false;
      clearInterval(timer);
    };
  }, [path, everyMs, mark, round]);
  return { value, problem, again: () => setRound((before) => before + 1) };
}
