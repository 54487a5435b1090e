/** The page's requests to the server. */
import { useEffect, useState } from 'preact/hooks';
import type { ActionAnswer } from '../../../src/state/page-state.ts';

/** An error that the server answered with. */
export class RequestError extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

interface ErrorAnswer {
  readonly message?: string;
  readonly hint?: string;
}

interface Session {
  readonly user: string;
  readonly csrf: string;
}

let session: Promise<Session> | undefined;

const FORBIDDEN = 403;

export async function getJson<T>(path: string): Promise<T> {
  return read<T>(await fetch(path, { headers: { accept: 'application/json' } }));
}

export async function act(source: string, action: string, body: object): Promise<ActionAnswer> {
  const path = `/api/sources/${encodeURIComponent(source)}/${action}`;
  const first = await post(path, body);
  if (first.status !== FORBIDDEN) return read(first);
  // A restarted dashboard does not accept the CSRF token of its predecessor.
  session = undefined;
  return read(await post(path, body));
}

async function post(path: string, body: object): Promise<Response> {
  const { csrf } = await getSession();
  return fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-walq-csrf': csrf },
    body: JSON.stringify(body),
  });
}

/** Requested once; a failed request is repeated by the next call. */
export async function getSession(): Promise<Session> {
  const requested = (session ??= getJson<Session>('/api/session'));
  try {
    return await requested;
  } catch (error) {
    if (session === requested) session = undefined;
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
  const answer = (await response.json()) as T & ErrorAnswer;
  if (response.ok) return answer;
  throw new RequestError(
    answer.message ?? `the server answered with status ${response.status}`,
    answer.hint ?? '',
  );
}

interface Polled<T> {
  readonly value: T | undefined;
  readonly problem: string | undefined;
  /** Requests the value without waiting for the interval. */
  readonly refresh: () => void;
}

/** Requests a value now, every `everyMs`, and whenever `mark` changes. */
export function usePolled<T>(path: string, everyMs: number, mark: unknown = ''): Polled<T> {
  const [value, setValue] = useState<T>();
  const [problem, setProblem] = useState<string>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    let isMounted = true;
    const load = (): void => {
      getJson<T>(path).then(
        (answer) => {
          if (!isMounted) return;
          setValue(answer);
          setProblem(undefined);
        },
        (error: Error) => {
          if (isMounted) setProblem(error.message);
        },
      );
    };
    load();
    const timer = setInterval(load, everyMs);
    return () => {
      isMounted = false;
      clearInterval(timer);
    };
  }, [path, everyMs, mark, round]);
  return { value, problem, refresh: () => setRound((before) => before + 1) };
}
