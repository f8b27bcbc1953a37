import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import type { PageBox } from '../../../ui/pdf/PdfPage';
import { type FieldKind, inOrder, type LayoutField, type PaperPage, shares } from '../logic/layout';
import styles from './Fields.module.css';

interface Props {
  box: PageBox;
  pages: readonly PaperPage[];
  fields: readonly LayoutField[];
  /** The field that the person is about to fill. */
  mine?: FieldKind;
}

/** Where signature, number, date and seal will stand: dashed frames over one page. */
export function FieldMarks({ box, pages, fields, mine }: Props): ReactElement | null {
  const { t } = useTranslation('document');
  const page = pages.find((p) => p.number === box.number);
  if (!page) return null;
  return (
    <>
      {inOrder(fields)
        .filter((field) => field.page === box.number)
        .map((field) => (
          <div
            key={field.kind}
            className={cx(
              styles['field'],
              field.kind === 'seal' && styles['seal'],
              field.kind === mine && styles['mine'],
            )}
            style={shares(field, page)}
          >
            <div className={styles['box']}>{t(field.kind === mine ? 'layout.yours' : `layout.mark.${field.kind}`)}</div>
          </div>
        ))}
    </>
  );
}
