import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../../ui/PageHeader';

/** What waits for the person. */
export function HomePage(): ReactElement {
  const { t } = useTranslation();
  return <PageHeader title={t('nav.work')} />;
}
