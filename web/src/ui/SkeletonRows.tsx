import { type ReactElement, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './SkeletonRows.module.css';

/** Rows that are on their way; appear only when the answer takes longer than 300 ms. */
export function SkeletonRows({ rows = 8 }: { rows?: number }): ReactElement {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 300);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div aria-busy="true" className={styles['rows']}>
      <span className="visually-hidden" role="status">
        {t('loading')}
      </span>
      {shown &&
        Array.from({ length: rows }, (_, i) => `row-${i}`).map((key) => (
          <div key={key} className={styles['row']} aria-hidden="true">
            <i />
            <i />
            <i />
          </div>
        ))}
    </div>
  );
}
