import { useTranslation } from 'react-i18next';
import type { StationState } from '../../../src-preload/contract/index.ts';
import type { SessionStore } from '../../stores/session.ts';
import { Mark } from '../../ui/Mark.tsx';
import { Folds } from './Folds.tsx';
import { OfflineNote } from './OfflineNote.tsx';
import { SignIn } from './SignIn.tsx';
import css from './Welcome.module.css';

interface Props {
  readonly state: StationState;
  readonly organization: string;
  readonly session: SessionStore;
  accept(state: StationState): void;
}

const steps = ['first', 'second', 'third'] as const;

/** Nobody is signed in: what this place is for on the left, the way in on the right. Names no job and no person. */
export const Welcome = ({ state, organization, session, accept }: Props) => {
  const { t } = useTranslation();
  return (
    <main className={css.welcome}>
      <section className={css.panel}>
        <Folds />
        <div className={css.brand}>
          <Mark size={56} />
          <p>
            {organization}
            <span>{state.device.name}</span>
          </p>
        </div>
        <div className={css.words}>
          <h1>{t('station.welcome')}</h1>
          <p>{t('station.welcomeHint')}</p>
        </div>
        <ol className={css.steps}>
          {steps.map((step) => (
            <li key={step}>{t(`station.steps.${step}`)}</li>
          ))}
        </ol>
      </section>
      <section className={css.entry} aria-label={t('station.signIn')}>
        <OfflineNote connection={state.connection} large />
        <SignIn session={session} accept={accept} />
      </section>
    </main>
  );
};
