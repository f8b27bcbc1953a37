import { Button, CopyButton, Modal } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import classes from './PersonForms.module.css';

export interface Secret {
  name: string;
  username: string;
  password: string;
}

/** Shows a first password once, to be handed over. It is not stored in the clear and cannot be shown again. */
export function FirstPassword({ secret, onClose }: { secret: Secret | null; onClose: () => void }) {
  const { t } = useTranslation('org');
  return (
    <Modal
      opened={secret !== null}
      onClose={onClose}
      title={t('password.title')}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      {secret && (
        <div className={classes['stack']}>
          <p>{t('password.text', { name: secret.name, username: secret.username })}</p>
          {secret.password ? (
            <div className={classes['password']}>
              <span className={classes['secret']} data-testid="temporary-password">
                {secret.password}
              </span>
              <CopyButton value={secret.password} timeout={3000}>
                {({ copied, copy }) => (
                  <Button
                    variant="default"
                    size="xs"
                    leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
                    onClick={copy}
                  >
                    {t(copied ? 'password.copied' : 'password.copy')}
                  </Button>
                )}
              </CopyButton>
            </div>
          ) : (
            <p>{t('password.gone')}</p>
          )}
          <p>{t('password.once')}</p>
          <div className={classes['foot']}>
            <Button onClick={onClose}>{t('password.done')}</Button>
          </div>
        </div>
      )}
    </Modal>
  );
}
