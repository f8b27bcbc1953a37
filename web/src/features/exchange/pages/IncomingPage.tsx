import { Button } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { type ReactElement, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { useEndReached } from '../../../lib/useEndReached';
import { useHasRole } from '../../../session/me';
import { useWaiting } from '../../../session/waiting';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorState, NoPermission } from '../../../ui/ErrorState';
import { PageHeader } from '../../../ui/PageHeader';
import { ReasonDialog } from '../../../ui/ReasonDialog';
import { SkeletonRows } from '../../../ui/SkeletonRows';
import { ViewTabs } from '../../../ui/ViewTabs';
import type { Filter } from '../api/deliveries';
import { useDecision } from '../logic/useDecision';
import { useIncoming } from '../logic/useIncoming';
import { useIncomingKeys } from '../logic/useIncomingKeys';
import { DeliveryView } from '../parts/DeliveryView';
import styles from '../parts/Incoming.module.css';
import { IncomingFilters } from '../parts/IncomingFilters';
import { IncomingList } from '../parts/IncomingList';
import { IncomingTable } from '../parts/IncomingTable';
import { KeysDialog } from '../parts/KeysDialog';

const tabs = ['waiting', 'accepted', 'refused', 'all'] as const;

/** Incoming documents: the list, and beside it the one that is open. */
export function IncomingPage(): ReactElement {
  const { t } = useTranslation('exchange');
  const mayRead = useHasRole('clerk', 'leader', 'secretary');
  if (mayRead) return <Incoming />;
  return (
    <>
      <PageHeader title={t('title')} />
      <NoPermission />
    </>
  );
}

function Incoming(): ReactElement {
  const { t } = useTranslation('exchange');
  const search = useSearch({ from: '/session/shell/van-ban-den' });
  const { deliveryId } = useParams({ strict: false });
  const navigate = useNavigate();
  const waiting = useWaiting();
  const [help, setHelp] = useState(false);
  const { tab, urgency, sender, from, to } = search;
  const filter: Filter = useMemo(
    () => ({ state: tab ?? 'waiting', urgency, sender, from, to }),
    [tab, urgency, sender, from, to],
  );
  const incoming = useIncoming(filter);
  const decision = useDecision();
  useIncomingKeys({ items: incoming.items, openId: deliveryId, decision, onHelp: () => setHelp(true) });
  const wide = useMediaQuery('(min-width: 1024px)', undefined, { getInitialValueInEffect: false });
  const showList = !deliveryId || wide;
  return (
    <div className={styles['page']}>
      <PageHeader title={t('title')} />
      {showList && (
        <ViewTabs
          label={t('tabs.label')}
          value={filter.state}
          onChange={(value) =>
            void navigate({
              to: '/van-ban-den',
              search: (before) => ({ ...before, tab: tabs.find((x) => x === value) }),
            })
          }
          items={tabs.map((value) => ({
            value,
            label: t(`tabs.${value}`),
            ...(value === 'waiting' ? { count: waiting, urgent: true } : {}),
          }))}
        />
      )}
      {showList && !deliveryId && <IncomingFilters items={incoming.items} />}
      <div className={cx(styles['body'], deliveryId && wide && styles['split'])}>
        {showList && <ListPane incoming={incoming} filter={filter} openId={deliveryId} table={!deliveryId} />}
        {deliveryId && <DeliveryView key={deliveryId} id={deliveryId} decision={decision} />}
      </div>
      <ReasonDialog
        opened={decision.refusing !== null}
        title={t('refuseDialog.title', { code: decision.refusing?.code ?? '' })}
        label={t('refuseDialog.label')}
        verb={t('refuseDialog.verb')}
        danger
        pending={decision.pending}
        error={decision.refuseError}
        onClose={decision.stopAsking}
        onSubmit={(reason) => decision.refusing && decision.refuse(decision.refusing, reason)}
      >
        <p>{t('refuseDialog.text', { sender: decision.refusing?.sender_name ?? '' })}</p>
      </ReasonDialog>
      <KeysDialog opened={help} onClose={() => setHelp(false)} />
    </div>
  );
}

interface ListProps {
  incoming: ReturnType<typeof useIncoming>;
  filter: Filter;
  openId: string | undefined;
  table: boolean;
}

function ListPane({ incoming, filter, openId, table }: ListProps): ReactElement {
  const { t } = useTranslation('exchange');
  const { query, items, arrivedCount, showNew } = incoming;
  const roomy = useMediaQuery('(min-width: 1024px)', undefined, { getInitialValueInEffect: false });
  const end = useEndReached(() => void query.fetchNextPage(), query.hasNextPage && !query.isFetchingNextPage);
  return (
    <div className={styles['pane']}>
      <div className={styles['scroll']}>
        <div aria-live="polite">
          {arrivedCount > 0 && (
            <button type="button" className={styles['news']} onClick={() => void showNew()}>
              {t('news', { count: arrivedCount })}
            </button>
          )}
        </div>
        {query.error && items.length === 0 ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : query.isPending ? (
          <SkeletonRows rows={10} />
        ) : items.length === 0 ? (
          <Nothing filter={filter} />
        ) : table && roomy ? (
          <IncomingTable items={items} />
        ) : (
          <IncomingList items={items} current={openId} />
        )}
        <div ref={end} />
        {query.hasNextPage && (
          <div className={styles['more']}>
            <Button
              size="xs"
              variant="default"
              loading={query.isFetchingNextPage}
              onClick={() => void query.fetchNextPage()}
            >
              {t('more')}
            </Button>
          </div>
        )}
      </div>
      {table && items.length > 0 && (
        <footer className={styles['foot']}>
          <span>
            {query.hasNextPage ? t('shownMore', { count: items.length }) : t('shown', { count: items.length })}
          </span>
          <span className={styles['keys']} aria-hidden="true">
            <span>
              <kbd>J</kbd> <kbd>K</kbd> {t('keys.move')}
            </span>
            <span>
              <kbd>Enter</kbd> {t('keys.open')}
            </span>
            <span>
              <kbd>?</kbd> {t('keys.all')}
            </span>
          </span>
        </footer>
      )}
    </div>
  );
}

function Nothing({ filter }: { filter: Filter }): ReactElement {
  const { t } = useTranslation('exchange');
  const navigate = useNavigate();
  const filtered = filter.urgency !== undefined || !!filter.sender || !!filter.from || !!filter.to;
  if (filtered) {
    return (
      <EmptyState
        filtered
        title={t('empty.filtered')}
        text={t('empty.filteredText')}
        action={
          <Button
            variant="default"
            onClick={() => void navigate({ to: '/van-ban-den', search: { tab: filter.state } })}
          >
            {t('empty.clear')}
          </Button>
        }
      />
    );
  }
  return (
    <EmptyState
      title={t(`empty.${filter.state}`)}
      text={filter.state === 'waiting' ? t('empty.waitingText') : undefined}
      action={
        filter.state === 'waiting' && (
          <Button variant="default" onClick={() => void navigate({ to: '/van-ban-den', search: { tab: 'all' } })}>
            {t('empty.showAll')}
          </Button>
        )
      }
    />
  );
}
