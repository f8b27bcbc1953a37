import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../../ui/PageHeader';

/** Agencies of the city. */
export function AgenciesPage(): ReactElement {
  const { t } = useTranslation();
  return <PageHeader title={t('nav.admin')} />;
}
