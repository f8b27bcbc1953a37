import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../lib/cx';
import { Glyph, toneColor } from './Glyph';
import styles from './Marks.module.css';
import { looks, type State } from './marks';

/** A state as word + shape + colour. `children` replaces the word when the sentence is longer. */
export function StateMark({ state, children }: { state: State; children?: ReactNode }): ReactElement {
  const { t } = useTranslation();
  const look = looks[state];
  return (
    <span className={cx(styles['state'], look.loud && styles['loud'])}>
      <span style={{ color: toneColor(look.tone), display: 'inline-flex' }}>
        <Glyph shape={look.shape} />
      </span>
      <span className={styles['word']}>{children ?? t(`state.${state}`)}</span>
    </span>
  );
}
