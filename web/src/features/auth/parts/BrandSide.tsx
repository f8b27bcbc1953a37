import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './SignIn.module.css';

/** Left half of the pages before the work begins: whose system this is. */
export function BrandSide({ city }: { city: string }): ReactElement {
  const { t } = useTranslation('auth');
  return (
    <aside className={styles['brand']}>
      <div className={styles['mark']}>
        <img src="/icon.svg" width={46} height={46} alt="" />
        <span>Nghị Sự</span>
      </div>
      <div className={styles['city']}>
        <span className={styles['owner']}>{t('brand.owner')}</span>
        <span className={styles['cityName']}>{city}</span>
        <span className={styles['motto']}>{t('brand.motto')}</span>
      </div>
    </aside>
  );
}
