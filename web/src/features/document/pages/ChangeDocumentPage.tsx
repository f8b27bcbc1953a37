import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../../ui/PageHeader';

/** Change of a draft. */
export function ChangeDocumentPage(): ReactElement {
  const { t } = useTranslation();
  return <PageHeader title={t('nav.outgoing')} />;
}
