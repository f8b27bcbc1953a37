import { PasswordInput, Select } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { asApiError } from '../../../api/problem';
import { clock, fullDate } from '../../../lib/dates';
import { ErrorState } from '../../../ui/ErrorState';
import { Note } from '../../../ui/Note';
import { SkeletonRows } from '../../../ui/SkeletonRows';
import { useProblem } from '../../../ui/useProblem';
import { validityOf } from '../logic/certificates';
import { needsStepUp, type Signing } from '../logic/useSigning';
import styles from './Sign.module.css';

/** The certificate with its validity, and the password once more: what stands above every button that signs. */
export function SigningFields({ signing }: { signing: Signing }): ReactElement {
  const { t } = useTranslation('document');
  const { certificates, certificate, loadError } = signing;
  if (loadError && !certificates) return <ErrorState error={loadError} onRetry={signing.reload} />;
  if (!certificates) return <SkeletonRows rows={2} />;
  if (!certificate) {
    return (
      <Note tone="amber" icon={IconAlertTriangle}>
        {t('sign.noCertificate')}
      </Note>
    );
  }
  const now = new Date();
  const words = (id: string) => {
    const one = certificates.find((c) => c.id === id);
    if (!one) return '';
    const validity = validityOf(one, now);
    const date = fullDate(validity === 'notYet' ? one.valid_from : one.valid_to);
    return t(`sign.validity.${validity}`, { date });
  };
  return (
    <>
      <Select
        label={t('sign.certificate')}
        size="md"
        allowDeselect={false}
        data={certificates.map((c) => ({
          value: c.id,
          label: `${t(`sign.kind.${c.kind}`)} · ${c.name}`,
          disabled: validityOf(c, now) === 'notYet',
        }))}
        value={certificate.id}
        onChange={signing.choose}
        description={words(certificate.id)}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        renderOption={({ option }) => (
          <span className={styles['option']}>
            {option.label}
            <small>{words(option.value)}</small>
          </span>
        )}
      />
      {certificate.development && (
        <Note tone="amber" icon={IconAlertTriangle}>
          {t('sign.trial')}
        </Note>
      )}
      <Proof signing={signing} />
    </>
  );
}

function Proof({ signing }: { signing: Signing }): ReactElement {
  const { t } = useTranslation(['document', 'common']);
  const problem = useProblem();
  const { proof } = signing;
  if (proof.until) {
    return (
      <p className={styles['proved']}>
        <IconCheck size={17} stroke={2} aria-hidden="true" />
        {t('sign.proved', { time: clock(proof.until) })}
      </p>
    );
  }
  const failed = proof.error ? asApiError(proof.error).field('password') || problem(proof.error).title : undefined;
  return (
    <PasswordInput
      label={t('sign.password')}
      description={t(needsStepUp(signing.error) ? 'sign.passwordAgain' : 'sign.passwordWhy')}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      size="md"
      autoComplete="current-password"
      visibilityToggleButtonProps={{ 'aria-label': t('common:showPassword') }}
      value={signing.password}
      error={signing.passwordMissing ? t('sign.passwordMissing') : failed}
      onChange={(event) => signing.setPassword(event.currentTarget.value)}
    />
  );
}
