import { Button, Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { formatCountdown, secondsUntil } from '../../i18n/format.ts';
import { useNow } from '../../stores/now.ts';
import css from './IdleWarning.module.css';

/** The last seconds of a session are said in large letters. */
const warnBelow = 20;

interface Props {
  readonly expires: string;
  onStay(): void;
  onSignOut(): void;
}

/** Asks before an idle session ends. Any touch anywhere keeps it, too. */
export const IdleWarning = ({ expires, onStay, onSignOut }: Props) => {
  const { t } = useTranslation();
  const seconds = secondsUntil(expires, useNow());
  return (
    <Modal
      opened={seconds <= warnBelow}
      onClose={onStay}
      withCloseButton={false}
      size="lg"
      title={t('station.idleHeadline')}
      classNames={{ title: css.title }}
    >
      <p className={css.hint} role="timer">
        {t('station.idleHint', { time: formatCountdown(seconds) })}
      </p>
      <div className={css.actions}>
        <Button size="xl" variant="default" onClick={onSignOut}>
          {t('station.signOut')}
        </Button>
        <Button size="xl" onClick={onStay} data-autofocus>
          {t('station.stay')}
        </Button>
      </div>
    </Modal>
  );
};
