import { Button } from '@mantine/core';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommand } from '../../../api/useCommand';
import { fullDate } from '../../../lib/dates';
import { readableName } from '../../../lib/distinguishedName';
import { ConfirmDialog } from '../../../ui/ConfirmDialog';
import { Glyph, type Shape, type Tone, toneColor } from '../../../ui/Glyph';
import { disableKey, keysKey, type SigningKey } from '../api/keys';
import styles from './Keys.module.css';

const looks: Record<SigningKey['state'], { shape: Shape; tone: Tone }> = {
  in_use: { shape: 'check', tone: 'green' },
  expires_soon: { shape: 'half', tone: 'amber' },
  expired: { shape: 'cross', tone: 'red' },
  disabled: { shape: 'minus', tone: 'muted' },
};

/** Keys with their holder, where they are, how long they hold, and how to end their use. */
export function KeysTable({ keys }: { keys: readonly SigningKey[] }): ReactElement {
  const { t } = useTranslation('keys');
  const [asked, setAsked] = useState<SigningKey | null>(null);
  const disable = useCommand({ run: disableKey, touches: () => [keysKey], onDone: () => setAsked(null) });
  return (
    <div className={styles['wrap']}>
      <table className={styles['table']}>
        <thead>
          <tr>
            <th scope="col">{t('column.holder')}</th>
            <th scope="col">{t('column.kind')}</th>
            <th scope="col">{t('column.issuer')}</th>
            <th scope="col">{t('column.validTo')}</th>
            <th scope="col">{t('column.state')}</th>
            <th scope="col">
              <span className="visually-hidden">{t('column.act')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key.id}>
              <td>
                <div className={styles['name']}>{key.holder.name}</div>
                <div className={styles['meta']}>
                  {t(key.holder.person_id ? 'holder.person' : 'holder.agency')} · {readableName(key.subject)}
                </div>
              </td>
              <td>
                {t(`kind.${key.kind}`)}
                {key.source && <div className={styles['meta']}>{key.source}</div>}
              </td>
              <td className={styles['issuer']}>{readableName(key.issuer)}</td>
              <td className={styles['date']}>{fullDate(key.valid_to)}</td>
              <td>
                <span className={styles['state']}>
                  <span style={{ color: toneColor(looks[key.state].tone), display: 'inline-flex' }}>
                    <Glyph shape={looks[key.state].shape} />
                  </span>
                  {t(`state.${key.state}`)}
                </span>
              </td>
              <td className={styles['act']}>
                {key.state !== 'disabled' && (
                  <Button
                    size="xs"
                    variant="default"
                    aria-label={t('disable.named', { name: key.holder.name })}
                    onClick={() => setAsked(key)}
                  >
                    {t('disable.verb')}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <ConfirmDialog
        opened={asked !== null}
        title={t('disable.title', { name: asked?.holder.name ?? '' })}
        verb={t('disable.verb')}
        danger
        pending={disable.isPending}
        error={disable.error}
        onClose={() => setAsked(null)}
        onConfirm={() => asked && disable.mutate(asked.id)}
      >
        <p>{t('disable.text')}</p>
      </ConfirmDialog>
    </div>
  );
}
