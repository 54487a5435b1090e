import { useCallback, useState } from 'preact/hooks';
import { NoticeContext, Notices, type Notice } from './live/notices.tsx';
import { useSourceRoute } from './live/use-route.ts';
import { useStateStream } from './live/use-state-stream.ts';
import { useTitle } from './live/use-title.ts';
import { Failures } from './parts/failures.tsx';
import { PageHeader } from './parts/page-header.tsx';
import { SourceCards } from './parts/source-cards.tsx';
import { SourcePage } from './parts/source-page.tsx';
import { VerdictBanner } from './parts/verdict.tsx';
import { Workers } from './parts/workers.tsx';

const NOTICE_MS = 8_000;
const NOTICES_MAX = 4;

export function Page() {
  const { state, isConnected } = useStateStream();
  const source = useSourceRoute();
  useTitle(state, isConnected);
  const [notices, setNotices] = useState<readonly Notice[]>([]);
  const notify = useCallback((text: string, isProblem: boolean) => {
    const notice = { id: Date.now(), text, isProblem };
    setNotices((before) => [...before.slice(1 - NOTICES_MAX), notice]);
    setTimeout(() => setNotices((before) => before.filter((one) => one !== notice)), NOTICE_MS);
  }, []);
  return (
    <NoticeContext.Provider value={notify}>
      <PageHeader state={state} />
      <main>
        {!isConnected && (
          <p class="banner" role="alert">
            The dashboard cannot be reached. What you see may be old; it goes on by itself.
          </p>
        )}
        {state === undefined ? (
          <p class="empty">Looking…</p>
        ) : source === undefined ? (
          <>
            <VerdictBanner state={state} />
            <SourceCards state={state} />
            <Workers state={state} />
            <Failures state={state} />
          </>
        ) : (
          <SourcePage key={source} state={state} name={source} />
        )}
      </main>
      <footer>walq {state?.version}</footer>
      <Notices notices={notices} />
    </NoticeContext.Provider>
  );
}
