import { type KeyboardEvent, type PointerEvent, type ReactElement, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import type { PageBox } from '../../../ui/pdf/PdfPage';
import { arrow, type LayoutField, moved, type PaperPage, resized, shares } from '../logic/layout';
import styles from './Fields.module.css';

interface Props {
  field: LayoutField;
  page: PaperPage;
  box: PageBox;
  chosen: boolean;
  onChange: (field: LayoutField) => void;
  onChoose: () => void;
}

type Change = typeof moved;

/** A field that is moved and made larger with the pointer or with arrows. */
export function FieldBox({ field, page, box, chosen, onChange, onChoose }: Props): ReactElement {
  const { t } = useTranslation('document');
  const move = useDrag(field, page, box, moved, onChange);
  const resize = useDrag(field, page, box, resized, onChange);
  const names = { field: t(`layout.name.${field.kind}`), ...field };
  return (
    <div
      className={cx(
        styles['field'],
        styles['movable'],
        field.kind === 'seal' && styles['seal'],
        chosen && styles['chosen'],
      )}
      style={shares(field, page)}
      data-testid={`field-${field.kind}`}
    >
      <button
        type="button"
        className={styles['box']}
        aria-label={t('layout.boxNamed', names)}
        aria-describedby="layout-keys"
        onFocus={onChoose}
        {...move}
      >
        {t(`layout.mark.${field.kind}`)}
      </button>
      <button
        type="button"
        className={styles['corner']}
        aria-label={t('layout.cornerNamed', names)}
        aria-describedby="layout-keys"
        onFocus={onChoose}
        {...resize}
      />
    </div>
  );
}

/** Changes a field by dragging: from where it was caught, so that nothing adds up to drift. */
function useDrag(
  field: LayoutField,
  page: PaperPage,
  box: PageBox,
  change: Change,
  onChange: (field: LayoutField) => void,
) {
  const caught = useRef<{ x: number; y: number; field: LayoutField } | null>(null);
  return {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      caught.current = { x: event.clientX, y: event.clientY, field };
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      const from = caught.current;
      if (!from) return;
      const scale = page.width / box.width;
      onChange(change(from.field, (event.clientX - from.x) * scale, (event.clientY - from.y) * scale, page));
    },
    onPointerUp: () => {
      caught.current = null;
    },
    onPointerCancel: () => {
      caught.current = null;
    },
    onKeyDown: (event: KeyboardEvent<HTMLElement>) => {
      const by = arrow(event.key, event.shiftKey);
      if (!by) return;
      event.preventDefault();
      onChange(change(field, by.dx, by.dy, page));
    },
  };
}
