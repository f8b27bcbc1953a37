import { NumberInput } from '@mantine/core';
import { IconHandMove, IconSearch, IconWand } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { inOrder, type LayoutField, onPage, type PaperPage, within } from '../logic/layout';
import styles from './Layout.module.css';

interface Props {
  fields: readonly LayoutField[];
  pages: readonly PaperPage[];
  chosen: string | null;
  onChange: (field: LayoutField) => void;
  onShow: (field: LayoutField) => void;
}

const sourceIcons = { found: IconSearch, default: IconWand, placed: IconHandMove };
const measures = ['x', 'y', 'width', 'height'] as const;

/** Every field with its place in millimetres, and how that place was found. */
export function FieldList({ fields, pages, chosen, onChange, onShow }: Props): ReactElement {
  const { t } = useTranslation('document');
  return (
    <ul className={styles['fields']}>
      {inOrder(fields).map((field) => {
        const page = pages.find((p) => p.number === field.page);
        const Icon = sourceIcons[field.source];
        return (
          <li key={field.kind} className={cx(styles['field'], chosen === field.kind && styles['chosen'])}>
            <button type="button" className={styles['name']} onClick={() => onShow(field)}>
              {t(`layout.name.${field.kind}`)}
              <span className={styles['onPage']}>{t('layout.onPage', { page: field.page })}</span>
            </button>
            <p className={cx(styles['source'], field.source === 'default' && styles['check'])}>
              <Icon size={16} stroke={1.7} aria-hidden="true" />
              {t(`layout.source.${field.source}.${field.kind}`)}
            </p>
            {chosen === field.kind && page && (
              <fieldset className={styles['measures']} aria-label={t(`layout.name.${field.kind}`)}>
                {pages.length > 1 && (
                  <NumberInput
                    label={t('layout.measure.page')}
                    size="sm"
                    min={1}
                    max={pages.length}
                    allowDecimal={false}
                    clampBehavior="strict"
                    value={field.page}
                    onChange={(value) => {
                      const target = pages.find((p) => p.number === Number(value));
                      if (target) onShow(onPage(field, target));
                    }}
                  />
                )}
                {measures.map((measure) => (
                  <NumberInput
                    key={measure}
                    label={t(`layout.measure.${measure}`)}
                    size="sm"
                    min={0}
                    suffix=" mm"
                    decimalScale={1}
                    value={field[measure]}
                    onChange={(value) => {
                      if (typeof value !== 'number') return;
                      onChange({ ...within({ ...field, [measure]: value }, field.kind, page), source: 'placed' });
                    }}
                  />
                ))}
              </fieldset>
            )}
          </li>
        );
      })}
    </ul>
  );
}
