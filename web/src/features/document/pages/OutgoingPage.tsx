import { Button } from '@mantine/core';
import { IconCopy, IconPlus, IconSignature } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { useEndReached } from '../../../lib/useEndReached';
import { topic, useLive } from '../../../live/live';
import { useActor, useHasRole } from '../../../session/me';
import { workKey, workQuery } from '../../../shared/work/api';
import { ButtonLink } from '../../../ui/ButtonLink';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorState } from '../../../ui/ErrorState';
import { PageHeader } from '../../../ui/PageHeader';
import { SkeletonRows } from '../../../ui/SkeletonRows';
import { ViewTabs } from '../../../ui/ViewTabs';
import { documentsKey, documentsQuery } from '../api/documents';
import styles from '../parts/Outgoing.module.css';
import { OutgoingTable } from '../parts/OutgoingTable';

const states = ['draft', 'submitted', 'signed', 'numbered', 'sealed', 'released', 'cancelled'] as const;

/** Documents of the own agency, from the draft to the last recipient. */
export function OutgoingPage(): ReactElement {
  const { t } = useTranslation('document');
  const { state } = useSearch({ from: '/session/shell/van-ban-di' });
  const navigate = useNavigate();
  const actor = useActor();
  const mayDraft = useHasRole('clerk', 'specialist');
  const clerk = useHasRole('clerk');
  const leads = useHasRole('leader');
  const work = useQuery({ ...workQuery, enabled: leads });
  const waiting = work.data?.items.filter((item) => item.kind === 'sign').length ?? 0;
  const query = useInfiniteQuery(documentsQuery(state));
  useLive([actor && topic.agency(actor.agency_id)], [documentsKey, workKey]);
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  const end = useEndReached(() => void query.fetchNextPage(), query.hasNextPage && !query.isFetchingNextPage);
  const create = mayDraft && (
    <Button leftSection={<IconPlus size={17} />} renderRoot={(props) => <Link to="/van-ban-di/moi" {...props} />}>
      {t('newButton')}
    </Button>
  );
  return (
    <div className={styles['page']}>
      <PageHeader title={t('title')} />
      <ViewTabs
        label={t('tabs.label')}
        value={state ?? 'all'}
        onChange={(value) => void navigate({ to: '/van-ban-di', search: { state: states.find((x) => x === value) } })}
        items={(['all', ...states] as const).map((value) => ({ value, label: t(`tabs.${value}`) }))}
      >
        {waiting > 1 && (
          <ButtonLink to="/van-ban-di/ky-nhieu" variant="default" leftSection={<IconSignature size={17} />}>
            {t('batch.open', { count: waiting })}
          </ButtonLink>
        )}
        {clerk && (
          <ButtonLink to="/van-ban-di/sao" variant="default" leftSection={<IconCopy size={17} />}>
            {t('copy.button')}
          </ButtonLink>
        )}
        {create}
      </ViewTabs>
      <div className={styles['scroll']}>
        {query.error && items.length === 0 ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : query.isPending ? (
          <SkeletonRows rows={10} />
        ) : items.length === 0 ? (
          <EmptyState title={t('empty.title')} text={t('empty.text')} action={create} />
        ) : (
          <OutgoingTable items={items} />
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
      {items.length > 0 && (
        <footer className={styles['foot']}>
          {query.hasNextPage ? t('shownMore', { count: items.length }) : t('shown', { count: items.length })}
        </footer>
      )}
    </div>
  );
}
