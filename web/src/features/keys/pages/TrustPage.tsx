import { Button, FileInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommand } from '../../../api/useCommand';
import { fullDate } from '../../../lib/dates';
import { readableName } from '../../../lib/distinguishedName';
import { useHasRole } from '../../../session/me';
import { AdminNav } from '../../../ui/AdminNav';
import { ConfirmDialog } from '../../../ui/ConfirmDialog';
import { NoPermission } from '../../../ui/ErrorState';
import { FormDialog } from '../../../ui/FormDialog';
import { PageHeader } from '../../../ui/PageHeader';
import { QueryState } from '../../../ui/QueryState';
import {
  addAnchor,
  removeAnchor,
  type TrustAnchor,
  type TrustList,
  trustKey,
  trustLists,
  trustQuery,
} from '../api/trust';
import { certificateText } from '../logic/encode';
import styles from '../parts/Keys.module.css';

/** Whose certificates count: two lists of authorities, and those that prove the time. */
export function TrustPage(): ReactElement {
  const { t } = useTranslation('keys');
  const allowed = useHasRole('system_admin');
  return (
    <>
      <PageHeader title={t('trust.title')} />
      {allowed ? <Lists /> : <NoPermission />}
    </>
  );
}

function Lists(): ReactElement {
  const { t } = useTranslation('keys');
  const query = useQuery(trustQuery);
  const [adding, setAdding] = useState<TrustList | null>(null);
  const [asked, setAsked] = useState<TrustAnchor | null>(null);
  const remove = useCommand({ run: removeAnchor, touches: () => [trustKey], onDone: () => setAsked(null) });
  return (
    <>
      <AdminNav />
      {!query.data ? (
        <QueryState query={query} rows={6} />
      ) : (
        <div className={styles['lists']}>
          {trustLists.map((list) => (
            <section key={list} className={styles['panel']} aria-label={t(`trust.list.${list}`)}>
              <div className={styles['panelHead']}>
                <div>
                  <h2>{t(`trust.list.${list}`)}</h2>
                  <p className={styles['meta']}>{t(`trust.about.${list}`)}</p>
                </div>
                <Button
                  size="xs"
                  variant="default"
                  aria-label={t('trust.addTo', { list: t(`trust.list.${list}`) })}
                  leftSection={<IconPlus size={16} aria-hidden />}
                  onClick={() => setAdding(list)}
                >
                  {t('trust.add')}
                </Button>
              </div>
              <Anchors anchors={query.data.anchors.filter((a) => a.list === list)} onRemove={setAsked} />
            </section>
          ))}
        </div>
      )}
      {adding && <AddAnchor list={adding} onClose={() => setAdding(null)} />}
      <ConfirmDialog
        opened={asked !== null}
        title={t('trust.removeTitle')}
        verb={t('trust.remove')}
        danger
        pending={remove.isPending}
        error={remove.error}
        onClose={() => setAsked(null)}
        onConfirm={() => asked && remove.mutate(asked.id)}
      >
        <p>{t('trust.removeText', { name: asked?.name ?? '' })}</p>
      </ConfirmDialog>
    </>
  );
}

interface AnchorsProps {
  anchors: readonly TrustAnchor[];
  onRemove: (anchor: TrustAnchor) => void;
}

function Anchors({ anchors, onRemove }: AnchorsProps): ReactElement {
  const { t } = useTranslation('keys');
  if (anchors.length === 0) return <p className={styles['nothing']}>{t('trust.none')}</p>;
  return (
    <table className={styles['table']}>
      <thead>
        <tr>
          <th scope="col">{t('trust.name')}</th>
          <th scope="col">{t('trust.validity')}</th>
          <th scope="col">{t('trust.added')}</th>
          <th scope="col">
            <span className="visually-hidden">{t('column.act')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {anchors.map((anchor) => (
          <tr key={anchor.id}>
            <td>
              <div className={styles['name']}>{anchor.name || readableName(anchor.subject)}</div>
              <div className={styles['meta']}>{readableName(anchor.subject)}</div>
              <div className={styles['hash']}>SHA-256: {anchor.sha256}</div>
            </td>
            <td className={styles['date']}>
              {fullDate(anchor.valid_from)} – {fullDate(anchor.valid_to)}
            </td>
            <td>
              {fullDate(anchor.added_at)}
              <div className={styles['meta']}>{anchor.added_by}</div>
            </td>
            <td className={styles['act']}>
              <Button
                size="xs"
                variant="default"
                aria-label={t('trust.removeNamed', { name: anchor.name })}
                onClick={() => onRemove(anchor)}
              >
                {t('trust.remove')}
              </Button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function AddAnchor({ list, onClose }: { list: TrustList; onClose: () => void }): ReactElement {
  const { t } = useTranslation('keys');
  const [file, setFile] = useState<File | null>(null);
  const [missing, setMissing] = useState(false);
  const add = useCommand({ run: addAnchor, touches: () => [trustKey], onDone: onClose });
  const submit = async () => {
    setMissing(!file);
    if (file) add.mutate({ list, certificate: await certificateText(file) });
  };
  return (
    <FormDialog
      opened
      title={t('trust.addTo', { list: t(`trust.list.${list}`) })}
      verb={t('trust.add')}
      pending={add.isPending}
      error={add.error}
      onClose={onClose}
      onSubmit={() => void submit()}
    >
      <p>{t('trust.addText')}</p>
      <FileInput
        label={t('agent.certificate')}
        placeholder={t('choose')}
        accept=".cer,.crt,.pem,.der"
        value={file}
        error={missing && t('add.missing.agent')}
        onChange={setFile}
      />
    </FormDialog>
  );
}
