import { Button } from '@mantine/core';
import { type ErrorComponentProps, Link, Outlet } from '@tanstack/react-router';
import { type ReactElement, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState, NoPermission } from '../ui/ErrorState';

/** Waits for the texts and the code of a page. */
export function RootFrame(): ReactElement {
  return (
    <Suspense fallback={null}>
      <Outlet />
    </Suspense>
  );
}

/** An address that is none of our pages. */
export function NotFound(): ReactElement {
  const { t } = useTranslation();
  return (
    <NoPermission
      action={
        <Button variant="default" renderRoot={(props) => <Link to="/" {...props} />}>
          {t('action.home')}
        </Button>
      }
    />
  );
}

/** A page that broke, or whose code could not be fetched (for instance after an update of the server). */
export function Crash({ error }: ErrorComponentProps): ReactElement {
  return <ErrorState error={error} onRetry={() => window.location.reload()} />;
}
