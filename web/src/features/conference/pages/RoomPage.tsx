import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../../ui/PageHeader';

/** The online room of a meeting. */
export function RoomPage(): ReactElement {
  const { t } = useTranslation();
  return <PageHeader title={t('nav.meetings')} />;
}
