import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { type ReactElement, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchAllWords } from '../i18n';
import { live, topic, useLive, useLiveBeginning } from '../live/live';
import { meKey, useMe } from '../session/me';
import { useWaiting, waitingKey } from '../session/waiting';
import { HeaderSlot } from '../ui/PageHeader';
import { SkeletonRows } from '../ui/SkeletonRows';
import { AccountMenu } from './AccountMenu';
import { entriesFor } from './entries';
import { LiveMark } from './LiveMark';
import { Logo } from './Logo';
import styles from './Shell.module.css';
import { useGoKeys } from './useGoKeys';

/** Frame of every page behind the sign-in: rail (or tab bar), header, and the page. Keeps the socket. */
export function Shell(): ReactElement {
  const { t } = useTranslation();
  const me = useMe();
  const [slot, setSlot] = useState<HTMLElement | null>(null);
  const entries = entriesFor(me);
  const administers = useRouterState({ select: (state) => state.location.pathname.startsWith('/quan-tri/') });
  const waiting = useWaiting();
  const appointment = me?.current?.id;
  useEffect(() => {
    if (!appointment) return;
    live.start();
    const wake = () => live.wake();
    window.addEventListener('online', wake);
    return () => {
      window.removeEventListener('online', wake);
      live.stop();
    };
  }, [appointment]);
  useLive([me && topic.person(me.person.id)], [meKey]);
  useLiveBeginning([meKey]); // the session may have been ended while the socket was opening
  useLive([me?.current && topic.agency(me.current.agency_id)], [waitingKey]);
  useGoKeys();
  useEffect(fetchAllWords, []);
  return (
    <div className={styles['shell']} data-frame="shell">
      <a className={styles['skip']} href="#main">
        {t('nav.skip')}
      </a>
      <nav className={styles['rail']} data-frame="rail" aria-label={t('nav.label')}>
        <Link to="/" className={styles['logo']} aria-label="Nghị Sự" tabIndex={-1}>
          <Logo />
        </Link>
        {entries.map(({ to, key, icon: Icon }) => (
          <Link
            key={key}
            to={to}
            className={styles['entry']}
            activeOptions={{ exact: to === '/' }}
            activeProps={{ 'data-active': true }}
            {...(key === 'admin' && administers && { 'data-active': true, 'aria-current': 'page' as const })}
          >
            <span className={styles['icon']}>
              <Icon size={23} stroke={1.6} aria-hidden="true" />
              {key === 'incoming' && waiting > 0 && (
                <span className={styles['count']} aria-hidden="true">
                  {waiting > 99 ? '99+' : waiting}
                </span>
              )}
            </span>
            <span className={styles['word']}>{t(`nav.${key}`)}</span>
            <span className={styles['shortWord']}>{t(`nav.short.${key}`)}</span>
            {key === 'incoming' && waiting > 0 && (
              <span className="visually-hidden">{t('nav.waiting', { count: waiting })}</span>
            )}
          </Link>
        ))}
      </nav>
      <header className={styles['header']} data-frame="header">
        <span className={styles['phoneLogo']}>
          <Logo size={32} />
        </span>
        <div className={styles['slot']} ref={setSlot} />
        <LiveMark />
        <AccountMenu />
      </header>
      <main className={styles['main']} data-frame="main" id="main" tabIndex={-1}>
        <HeaderSlot.Provider value={slot}>
          <Suspense fallback={<SkeletonRows />}>
            <Outlet />
          </Suspense>
        </HeaderSlot.Provider>
      </main>
    </div>
  );
}
