import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { FileVerdict } from '../../../shared/verdict/verdict';
import { Glyph, toneColor } from '../../../ui/Glyph';
import { conclusionOf } from '../logic/conclusion';
import { looks } from '../logic/look';
import styles from './Check.module.css';

/** How a file stands, as word + shape + colour. */
export function Conclusion({ verdict }: { verdict: FileVerdict }): ReactElement {
  const { t } = useTranslation('check');
  const state = conclusionOf(verdict);
  const look = looks[state];
  return (
    <span className={styles['conclusion']}>
      <span style={{ color: toneColor(look.tone), display: 'inline-flex' }}>
        <Glyph shape={look.shape} />
      </span>
      {t(`state.${state}`)}
    </span>
  );
}
