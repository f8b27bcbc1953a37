import { ActionIcon, Button } from '@mantine/core';
import { IconShieldSearch, IconTrash } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { newKey } from '../../../api/key';
import { useCommand } from '../../../api/useCommand';
import { whenShort } from '../../../lib/dates';
import { fileSize } from '../../../lib/sizes';
import { ConfirmDialog } from '../../../ui/ConfirmDialog';
import { EmptyState } from '../../../ui/EmptyState';
import { PageHeader } from '../../../ui/PageHeader';
import { QueryState } from '../../../ui/QueryState';
import { UploadField } from '../../../ui/UploadField';
import { useUploads } from '../../../ui/useUploads';
import { addCheck, checksKey, checksQuery, deleteCheck, type SignatureCheck } from '../api/checks';
import styles from '../parts/Check.module.css';
import { Conclusion } from '../parts/Conclusion';

/** Signatures of any PDF file, from wherever it came: drop it, read what is known about it. */
export function ChecksPage(): ReactElement {
  const { t } = useTranslation('check');
  const query = useInfiniteQuery(checksQuery);
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className={styles['page']}>
      <PageHeader title={t('title')} />
      <Drop />
      <section className={styles['panel']} aria-label={t('mine')}>
        <h2 className={styles['heading']}>{t('mine')}</h2>
        {!query.data ? (
          <QueryState query={query} rows={4} />
        ) : items.length === 0 ? (
          <EmptyState icon={IconShieldSearch} title={t('empty')} text={t('emptyText')} />
        ) : (
          <List items={items} />
        )}
        {query.hasNextPage && (
          <Button
            size="xs"
            variant="default"
            loading={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {t('more')}
          </Button>
        )}
      </section>
    </div>
  );
}

function Drop(): ReactElement {
  const { t } = useTranslation('check');
  const client = useQueryClient();
  const navigate = useNavigate();
  const uploads = useUploads();
  const check = async (uploadId: string, alone: boolean) => {
    const key = newKey();
    const made = await addCheck(uploadId, { key, headers: { 'Idempotency-Key': key } });
    await client.invalidateQueries({ queryKey: checksKey });
    if (alone) void navigate({ to: '/kiem-tra-chu-ky/$checkId', params: { checkId: made.id } });
  };
  return (
    <section className={styles['panel']} aria-label={t('drop')}>
      <UploadField
        label={t('drop')}
        hint={t('dropHint')}
        uploads={{ ...uploads, add: (files) => uploads.add(files, (id) => check(id, files.length === 1)) }}
      />
      <p className={styles['hint']}>{t('intro')}</p>
    </section>
  );
}

function List({ items }: { items: readonly SignatureCheck[] }): ReactElement {
  const { t, i18n } = useTranslation('check');
  const [asked, setAsked] = useState<SignatureCheck | null>(null);
  const remove = useCommand({ run: deleteCheck, touches: () => [checksKey], onDone: () => setAsked(null) });
  return (
    <>
      <ul className={styles['list']}>
        {items.map((check) => (
          <li key={check.id}>
            <div className={styles['what']}>
              <Link to="/kiem-tra-chu-ky/$checkId" params={{ checkId: check.id }} className={styles['name']}>
                {check.name}
              </Link>
              <p className={styles['meta']}>
                {fileSize(check.size, i18n.language)} · {whenShort(check.created_at)}
              </p>
            </div>
            <Conclusion verdict={check.verdict} />
            <ActionIcon aria-label={t('deleteNamed', { name: check.name })} onClick={() => setAsked(check)}>
              <IconTrash size={18} aria-hidden />
            </ActionIcon>
          </li>
        ))}
      </ul>
      <ConfirmDialog
        opened={asked !== null}
        title={t('deleteTitle')}
        verb={t('delete')}
        danger
        pending={remove.isPending}
        error={remove.error}
        onClose={() => setAsked(null)}
        onConfirm={() => asked && remove.mutate(asked.id)}
      >
        <p>{t('deleteText', { name: asked?.name ?? '' })}</p>
      </ConfirmDialog>
    </>
  );
}
