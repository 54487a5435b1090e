/** The tab's title tells the state, so that one need not open the tab to see it. */
import { useEffect } from 'preact/hooks';
import type { Level, PageState } from '../../../src/state/page-state.ts';

const words: Readonly<Record<Level, string>> = {
  critical: '✗ action required',
  warning: '! attention needed',
  unknown: '? not seen',
  ok: '✓ ok',
};

export function useTitle(state: PageState | undefined, isConnected: boolean): void {
  const word = isConnected ? state && words[state.verdict.level] : '? not connected';
  useEffect(() => {
    document.title = word === undefined ? 'walq' : `${word} – walq`;
  }, [word]);
}
