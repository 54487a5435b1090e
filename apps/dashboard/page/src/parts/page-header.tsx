import { useEffect, useState } from 'preact/hooks';
import type { PageState } from '../../../src/state/page-state.ts';
import { askSession, logOut } from '../live/api.ts';

const NOBODY = new Set(['loopback', 'proxy', '']);

export function PageHeader({ state }: { readonly state: PageState | undefined }) {
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
