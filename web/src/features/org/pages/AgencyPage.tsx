import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../../ui/PageHeader';

/** One agency and its people. */
export function AgencyPage(): ReactElement {
  const { t } = useTranslation();
  return <PageHeader title={t('nav.admin')} />;
}
