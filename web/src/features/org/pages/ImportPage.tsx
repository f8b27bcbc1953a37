import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../../ui/PageHeader';

/** Import of agencies and people. */
export function ImportPage(): ReactElement {
  const { t } = useTranslation();
  return <PageHeader title={t('nav.admin')} />;
}
