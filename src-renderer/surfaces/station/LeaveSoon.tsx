import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Countdown } from '../../ui/Countdown.tsx';
import css from './LeaveSoon.module.css';

/** After success: time enough to read that it worked. */
const leaveAfter = 8_000;

interface Props {
  onLeave(): void;
  onStay(): void;
}

/** Signs out by itself in a few seconds, at once, or not at all: as the person wants. */
export const LeaveSoon = ({ onLeave, onStay }: Props) => {
  const { t } = useTranslation();
  const [until] = useState(() => new Date(Date.now() + leaveAfter).toISOString());
  useEffect(() => {
    const timer = setTimeout(onLeave, Date.parse(until) - Date.now());
    return () => clearTimeout(timer);
  }, [onLeave, until]);
  return (
    <div className={css.leave}>
      <p>
        <Countdown until={until}>{(time) => t('station.leavesIn', { time })}</Countdown>
      </p>
      <Button size="xl" variant="default" onClick={onStay}>
        {t('station.stay')}
      </Button>
    </div>
  );
};
