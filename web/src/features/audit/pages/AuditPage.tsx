import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../../ui/PageHeader';

/** The audit record. */
export function AuditPage(): ReactElement {
  const { t } = useTranslation();
  return <PageHeader title={t('nav.admin')} />;
}
