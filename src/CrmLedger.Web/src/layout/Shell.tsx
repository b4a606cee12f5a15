import { Suspense, useCallback, useSyncExternalStore, type ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { useQueryClient, type Query } from '@tanstack/react-query';
import { problemOf } from '../api/client.ts';
import { useCaller } from '../session/caller.ts';
import { forgetKey } from '../session/key.ts';
import { texts } from '../texts.ts';
import { Loading } from '../ui/States.tsx';
import { Toasts } from '../ui/Toast.tsx';
import { Boundary } from './Boundary.tsx';
import { pagesOf } from './pages.ts';
import { turnTheme, useTheme } from './theme.ts';
import { useTitle } from './title.ts';

/** What stands around every page. */
export function Shell({ children }: { children: ReactNode }) {
  const caller = useCaller();
  const [location] = useLocation();
  useTitle();
  return (
    <>
      <a className="skip" href="#page">
        {texts.skip}
      </a>
      <div className="shell">
        <nav aria-label={texts.product}>
          <div className="brand">
            <img src="/icon.svg" alt="" />
            {texts.product}
          </div>
          {pagesOf(caller).map((page) => (
            <PageLink key={page.path} {...page} />
          ))}
          <div className="who">
            <span className="tenant">{`${texts.signIn.tenant} ${caller.tenant}`}</span>
            <Own />
          </div>
        </nav>
        <div>
          <Offline />
          <header className="phone-head">
            <span className="brand">{texts.product}</span>
            <span>
              <Own />
            </span>
          </header>
          <main id="page" tabIndex={-1}>
            <Boundary at={location}>
              <Suspense fallback={<Loading height={420} />}>{children}</Suspense>
            </Boundary>
          </main>
        </div>
      </div>
      <Toasts />
    </>
  );
}

/** The reader's own: his colours, and the way out. */
function Own() {
  const theme = useTheme();
  return (
    <>
      <button type="button" className="button quiet small" onClick={turnTheme}>
        {theme === 'dark' ? texts.theme.light : texts.theme.dark}
      </button>
      <button type="button" className="button quiet small" onClick={() => forgetKey('left')}>
        {texts.signIn.leave}
      </button>
    </>
  );
}

function PageLink({ path, name, icon }: { path: string; name: string; icon: string }) {
  const [location] = useLocation();
  const here = location === path || location.startsWith(`${path}/`);
  return (
    <Link href={path} className="page" aria-current={here ? 'page' : undefined}>
      <svg
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.8"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
      >
        <path d={icon} />
      </svg>
      {name}
    </Link>
  );
}

/** Says so for as long as some question finds nobody who answers it; each is asked again by itself. */
function Offline() {
  const asked = useQueryClient().getQueryCache();
  // Each failure is told, and not only the beginning and the end of a question that is asked again and again.
  const follow = useCallback((tell: () => void) => asked.subscribe(tell), [asked]);
  const silent = useSyncExternalStore(follow, () => asked.getAll().some(findsNobody));
  return silent ? (
    <div className="offline" role="status">
      {texts.states.offline}
    </div>
  ) : null;
}

const findsNobody = (question: Query): boolean =>
  question.isActive() &&
  question.state.fetchFailureCount > 0 &&
  problemOf(question.state.fetchFailureReason).status === 0;
