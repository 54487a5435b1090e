/** What the page asks the server, and how it acts. */
import { useEffect, useState } from 'preact/hooks';
import type { ActionAnswer } from '../../../src/state/page-state.ts';

export class Refused extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

interface Refusal {
  readonly message?: string;
  readonly hint?: string;
}

interface Session {
  readonly user: string;
  readonly csrf: string;
}

let session: Promise<Session> | undefined;

const FORBIDDEN = 403;

export async function ask<T>(path: string): Promise<T> {
  return read<T>(await fetch(path, { headers: { accept: 'application/json' } }));
}

export async function act(source: string, action: string, body: object): Promise<ActionAnswer> {
  const path = `/api/sources/${encodeURIComponent(source)}/${action}`;
  const first = await post(path, body);
  if (first.status !== FORBIDDEN) return read(first);
  // A dashboard that was started anew knows the session of before no more.
  session = undefined;
  return read(await post(path, body));
}

async function post(path: string, body: object): Promise<Response> {
  const { csrf } = await askSession();
  return fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-walq-csrf': csrf },
    body: JSON.stringify(body),
  });
}

/** Asked once; an answer that did not come is asked for again the next time. */
export async function askSession(): Promise<Session> {
  const asked = (session ??= ask<Session>('/api/session'));
  try {
    return await asked;
  } catch (error) {
    if (session === asked) session = undefined;
    throw error;
  }
}

export async function logOut(): Promise<void> {
  await fetch('/logout', { method: 'POST' });
  location.assign('/login');
}

async function read<T>(response: Response): Promise<T> {
  if (response.status === 401) {
    location.assign('/login');
    return new Promise<never>(() => undefined);
  }
  const answer = (await response.json()) as T & Refusal;
  if (response.ok) return answer;
  throw new Refused(answer.message ?? `the server answered ${response.status}`, answer.hint ?? '');
}

interface Asked<T> {
  readonly value: T | undefined;
  readonly problem: string | undefined;
  /** Asks at once. */
  readonly again: () => void;
}

/** Something asked of the server now, and again from time to time. */
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
