import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { formatWhen } from '../i18n/format.ts';
import { useConsole } from '../stores/console.ts';
import { useMinute } from '../stores/now.ts';
import { Note } from './Note.tsx';

/** A short gap is nobody's business. */
const patience = 3_000;

/** Says when what is on the page may be old, and how old. */
export const LiveBanner = () => {
  const { t } = useTranslation();
  const now = useMinute();
  const { store } = useConsole().reads;
  const connection = useStore(store, (state) => state.connection);
  const [lostAt, setLostAt] = useState<number | null>(null);
  useEffect(() => {
    if (connection === 'live') return setLostAt(null);
    const since = Date.now();
    const timer = setTimeout(() => setLostAt(since), patience);
    return () => clearTimeout(timer);
  }, [connection]);
  if (lostAt === null) return null;
  return (
    <Note
      tone="offline"
      role="status"
      title={t('web.stale')}
      next={t('web.staleHint', { when: formatWhen(new Date(lostAt).toISOString(), now) })}
    />
  );
};
