import { render } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { PageState } from '../../src/state/page-state.ts';
import { askSession, logOut } from './live/api.ts';
import { NoticeContext, Notices, type Notice } from './live/notices.tsx';
import { useStateStream, useTitle } from './live/state-stream.ts';
import { Failures } from './parts/failures.tsx';
import { SourceCards } from './parts/source-cards.tsx';
import { useSourceRoute } from './parts/source-link.tsx';
import { SourcePage } from './parts/source-page.tsx';
import { VerdictBanner } from './parts/verdict.tsx';
import { Workers } from './parts/workers.tsx';
import './style.css';

const NOTICE_MS = 8_000;
const NOTICES_MAX = 4;

function Page() {
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

const NOBODY = new Set(['loopback', 'proxy', '']);

function PageHeader({ state }: { readonly state: PageState | undefined }) {
  const [user, setUser] = useState('');
  useEffect(() => {
    askSession().then(
      (session) => setUser(session.user),
      () => setUser(''),
    );
  }, []);
  return (
    <header class="top">
      <h1>
        <a href="#/">walq</a>
      </h1>
      {state?.readOnly === true && <span class="badge">read-only</span>}
      <nav aria-label="Pages">
        <a href="/queues">Queue board</a>
        {!NOBODY.has(user) && (
          <button
            type="button"
            class="link"
            onClick={() => {
              logOut().catch(() => location.reload());
            }}
          >
            Log out {user}
          </button>
        )}
      </nav>
    </header>
  );
}

const place = document.getElementById('page');
if (place !== null) render(<Page />, place);
