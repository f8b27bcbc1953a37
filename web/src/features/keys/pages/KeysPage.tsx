import { Button, Switch, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconKey, IconPlus, IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useHasRole } from '../../../session/me';
import { AdminNav } from '../../../ui/AdminNav';
import { EmptyState } from '../../../ui/EmptyState';
import { NoPermission } from '../../../ui/ErrorState';
import { PageHeader } from '../../../ui/PageHeader';
import { QueryState } from '../../../ui/QueryState';
import { keysQuery } from '../api/keys';
import { AddKey } from '../parts/AddKey';
import styles from '../parts/Keys.module.css';
import { KeysTable } from '../parts/KeysTable';

/** Signing keys of the whole installation: whose, where, until when. */
export function KeysPage(): ReactElement {
  const { t } = useTranslation('keys');
  const allowed = useHasRole('system_admin');
  return (
    <>
      <PageHeader title={t('title')} />
      {allowed ? <Keys /> : <NoPermission />}
    </>
  );
}

function Keys(): ReactElement {
  const { t } = useTranslation('keys');
  const [text, setText] = useState('');
  const [q] = useDebouncedValue(text.trim(), 250);
  const [ending, setEnding] = useState(false);
  const [adding, setAdding] = useState(false);
  const query = useInfiniteQuery(keysQuery({ q, ending }));
  const keys = query.data?.pages.flatMap((page) => page.keys);
  return (
    <>
      <AdminNav>
        <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setAdding(true)}>
          {t('add.open')}
        </Button>
      </AdminNav>
      <div className={styles['filters']}>
        <TextInput
          className={styles['search'] ?? ''}
          aria-label={t('search')}
          placeholder={t('search')}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Switch label={t('ending')} checked={ending} onChange={(event) => setEnding(event.currentTarget.checked)} />
      </div>
      {!keys ? (
        <QueryState query={query} rows={8} />
      ) : keys.length === 0 ? (
        <EmptyState icon={IconKey} filtered={q !== '' || ending} title={t(q || ending ? 'noneFound' : 'none')} />
      ) : (
        <KeysTable keys={keys} />
      )}
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
      {adding && <AddKey onClose={() => setAdding(false)} />}
    </>
  );
}
