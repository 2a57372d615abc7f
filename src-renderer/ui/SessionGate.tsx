import { Button, Loader } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { SignedInAs } from '../../src-preload/contract/index.ts';
import type { WebSessionStore } from '../stores/web-session.ts';
import css from './Gate.module.css';
import { Mark } from './Mark.tsx';

interface Props<Kind extends SignedInAs['kind']> {
  readonly session: WebSessionStore;
  readonly kind: Kind;
  /** Shown while nobody of this kind is signed in. */
  readonly signIn: ReactNode;
  children(as: Extract<SignedInAs, { kind: Kind }>): ReactNode;
}

/** Shows the page to whoever it is for; before that, who is there is asked, and said when nobody answers. */
export const SessionGate = <Kind extends SignedInAs['kind']>({ session, kind, signIn, children }: Props<Kind>) => {
  const { t } = useTranslation();
  const { state, view, start } = useStore(session);
  if (state === 'in' && view?.as.kind === kind) return children(view.as as Extract<SignedInAs, { kind: Kind }>);
  if (state === 'in' || state === 'out') return signIn;
  return (
    <main className={css.gate}>
      {state === 'unreachable' ? (
        <div className={css.words} role="alert">
          <Mark size={72} />
          <h1>{t('web.unreachable')}</h1>
          <p className={css.hint}>{t('web.unreachableHint')}</p>
          <Button variant="default" onClick={() => void start()}>
            {t('common.retry')}
          </Button>
        </div>
      ) : (
        <div className={css.words} role="status" aria-label={t('table.loading')}>
          <Loader size="sm" aria-hidden="true" />
        </div>
      )}
    </main>
  );
};
