import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../../ui/PageHeader';

/** New document. */
export function NewDocumentPage(): ReactElement {
  const { t } = useTranslation();
  return <PageHeader title={t('nav.outgoing')} />;
}
