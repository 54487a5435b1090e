/** The server's state, as it comes. */
import { useEffect, useState } from 'preact/hooks';
import type { Level, PageState } from '../../../src/state/page-state.ts';
import { ask } from './api.ts';

interface Live {
  readonly state: PageState | undefined;
  /** False while the stream is cut; the browser tries again by itself. */
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
      events = new EventSource('/api/events');
      events.addEventListener('open', () => setConnected(true));
      events.addEventListener('message', ({ data }: MessageEvent<string>) => {
        setState(JSON.parse(data) as PageState);
      });
      events.addEventListener('error', () => {
        setConnected(false);
        if (events?.readyState !== EventSource.CLOSED) return;
        // The server has refused: the session may be over, which asking tells.
        timer = setTimeout(() => {
          ask<PageState>('/api/state').then(connect, connect);
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

const words: Readonly<Record<Level, string>> = {
  critical: '✗ action required',
  warning: '! attention needed',
  unknown: '? not seen',
  ok: '✓ ok',
};

/** The tab's title tells the state, so that one need not open the tab to see it. */
export function useTitle(state: PageState | undefined, isConnected: boolean): void {
  const word = isConnected ? state && words[state.verdict.level] : '? not connected';
  useEffect(() => {
    document.title = word === undefined ? 'walq' : `${word} – walq`;
  }, [word]);
}
