import { Button, Modal } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { secondsUntil } from '../i18n/format.ts';
import { useConsole } from '../stores/console.ts';
import { useNow } from '../stores/now.ts';
import { Countdown } from './Countdown.tsx';

const warnAt = 60;
/** Reading and scrolling keep the session, but say so no more often than this. */
const stayEvery = 60_000;

/** Signs out by itself when nobody is there; asks before it does. */
export const IdleWarning = () => {
  const { t } = useTranslation();
  const { session } = useConsole();
  const { view, call, accept, expire } = useStore(session);
  const now = useNow();
  const told = useRef(Date.now());
  const left = view ? secondsUntil(view.idleEnd, now) : Number.POSITIVE_INFINITY;
  const warning = left <= warnAt;

  const stay = async () => {
    told.current = Date.now();
    const result = await call('session.stay', {});
    const { view: present } = session.getState();
    if (result.ok && present) accept({ ...present, idleEnd: result.value.idleEnd });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: `stay` does the same each time
  useEffect(() => {
    const active = () => {
      if (Date.now() - told.current > stayEvery) void stay();
    };
    const kinds = ['pointerdown', 'keydown', 'wheel'] as const;
    for (const kind of kinds) window.addEventListener(kind, active, { passive: true });
    return () => {
      for (const kind of kinds) window.removeEventListener(kind, active);
    };
  }, []);
  useEffect(() => {
    if (left === 0) expire();
  }, [left, expire]);
  return (
    <Modal
      opened={warning && left > 0}
      onClose={() => void stay()}
      title={t('web.idle.headline')}
      withCloseButton={false}
    >
      <p>
        <Countdown until={view?.idleEnd ?? ''}>{(time) => t('web.idle.hint', { time })}</Countdown>
      </p>
      <br />
      <Button onClick={() => void stay()} data-autofocus>
        {t('web.idle.stay')}
      </Button>
    </Modal>
  );
};
