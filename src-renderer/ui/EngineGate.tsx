import { Button, Loader } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { SnapshotStore } from '../stores/snapshot.ts';
import css from './EngineGate.module.css';
import { Mark } from './Mark.tsx';

interface Props<T> {
  readonly snapshot: SnapshotStore<T>;
  children(state: T): ReactNode;
}

/** Shows the window's content once the engine answers; until then, and when it stops answering, says so. */
export const EngineGate = <T,>({ snapshot, children }: Props<T>) => {
  const { t } = useTranslation();
  const { engine, state, refresh } = useStore(snapshot);
  if (engine === 'answering' && state) return children(state);
  return (
    <main className={css.gate}>
      <Mark size={72} />
      {engine === 'silent' ? (
        <div className={css.words} role="alert">
          <h1>{t('engine.silent')}</h1>
          <p>{t('engine.silentHint')}</p>
          <Button variant="default" onClick={() => void refresh()}>
            {t('common.retry')}
          </Button>
        </div>
      ) : (
        <div className={css.words} role="status">
          <Loader size="sm" aria-hidden="true" />
          <p>{t('engine.connecting')}</p>
        </div>
      )}
    </main>
  );
};
