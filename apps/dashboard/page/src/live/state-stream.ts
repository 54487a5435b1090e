/** The page's state, from the server's event stream. */
import { useEffect, useState } from 'preact/hooks';
import type { HealthLevel, PageState } from '../../../src/state/page-state.ts';
import { getJson } from './api.ts';

interface Live {
  readonly state: PageState | undefined;
  /** False while the stream is interrupted; the browser reconnects. */
  readonly isConnected: boolean;
}

const RECONNECT_MS = 3_000;

export function useStateStream(): Live {
  const [state, setState] = useState<PageState>();
  const [isConnected, setConnected] = useState(true);
  useEffect(() => {
    let events: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const connect = (): void => {
      events = new EventSource('/api/stream');
      events.addEventListener('open', () => setConnected(true));
      events.addEventListener('message', ({ data }: MessageEvent<string>) => {
        setState(JSON.parse(data) as PageState);
      });
      events.addEventListener('error', () => {
        setConnected(false);
        if (events?.readyState !== EventSource.CLOSED) return;
        // The server refused the stream. If the session has expired, this request leads to the login page.
        timer = setTimeout(() => {
          getJson<PageState>('/api/state').then(connect, connect);
        }, RECONNECT_MS);
      });
    };
    connect();
    return () => {
      events?.close();
      clearTimeout(timer);
    };
  }, []);
  return { state, isConnected };
}

const titles: Readonly<Record<HealthLevel, string>> = {
  critical: '● Action required',
  warning: '▲ Attention needed',
  unknown: '? State unknown',
  ok: 'OK',
};

/** Shows the state in the title of the browser tab. */
export function useTitle(state: PageState | undefined, isConnected: boolean): void {
  const title = isConnected ? state && titles[state.headline.level] : '? Connection lost';
  useEffect(() => {
    document.title = title === undefined ? 'walq' : `${title} – walq`;
  }, [title]);
}
