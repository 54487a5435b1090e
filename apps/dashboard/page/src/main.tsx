import { render } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { PageState } from '../../src/state/page-state.ts';
import { getSession, logOut } from './live/api.ts';
import { NoticeContext, Notices, type Notice } from './live/notices.tsx';
import { useStateStream, useTitle } from './live/state-stream.ts';
import { Failures } from './parts/failures.tsx';
import { SourceCards } from './parts/source-cards.tsx';
import { useSourceRoute } from './parts/source-link.tsx';
import { SourcePage } from './parts/source-page.tsx';
import { HeadlineBanner } from './parts/headline.tsx';
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
            Connection to the dashboard lost. The page may be out of date. Reconnecting…
          </p>
        )}
        {state === undefined ? (
          <p class="empty">Loading…</p>
        ) : source === undefined ? (
          <>
            <HeadlineBanner state={state} />
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

/** Users who cannot log out, because they did not log in. */
const WITHOUT_LOGIN = new Set(['loopback', 'proxy', '']);

function PageHeader({ state }: { readonly state: PageState | undefined }) {
  const [user, setUser] = useState('');
  useEffect(() => {
    getSession().then(
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
        {!WITHOUT_LOGIN.has(user) && (
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

const root = document.getElementById('page');
if (root !== null) render(<Page />, root);
