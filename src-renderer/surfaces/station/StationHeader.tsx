import { Button } from '@mantine/core';
import { IconLogout } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Countdown } from '../../ui/Countdown.tsx';
import { Mark } from '../../ui/Mark.tsx';
import css from './StationHeader.module.css';

interface Props {
  readonly user: string;
  /** Null: not shown, because something else counts down. */
  readonly expires: string | null;
  onSignOut(): void;
}

/** Who is signed in, for how long still, and the way out. */
export const StationHeader = ({ user, expires, onSignOut }: Props) => {
  const { t } = useTranslation();
  return (
    <section className={css.header} aria-label={t('station.signedInAs')}>
      <Mark size={48} />
      <p className={css.user}>
        <span>{t('station.signedInAs')}</span> <strong>{user}</strong>
      </p>
      {expires && (
        <p className={css.left}>
          <Countdown until={expires}>{(time) => t('station.leavesIn', { time })}</Countdown>
        </p>
      )}
      <Button
        size="xl"
        variant="default"
        leftSection={<IconLogout size={26} stroke={1.7} aria-hidden="true" />}
        onClick={onSignOut}
      >
        {t('station.signOut')}
      </Button>
    </section>
  );
};
