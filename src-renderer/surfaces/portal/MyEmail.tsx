import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useAct, useAnswer, useConsole } from '../../stores/console.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';
import css from './App.module.css';

/** Confirms the e-mail address, where links by mail sign in. Nothing where there is nothing to confirm. */
export const MyEmail = () => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const mine = useAnswer('portal.email.get').read.value;
  const { busy, failure, act } = useAct();
  if (!mine?.offered || mine.confirmed || mine.email === null) return null;
  const { email } = mine;
  const send = async () => {
    if (await act('portal.email.confirm', {})) prompts.getState().say(t('portal.emailSent', { email }));
  };
  return (
    <section className={css.section} aria-labelledby="email">
      <h2 id="email">{t('portal.email')}</h2>
      <p className={css.muted}>{t('portal.emailHint', { email })}</p>
      {failure && <FailureNote failure={failure} />}
      <div className={css.row}>
        <Button variant="default" loading={busy} onClick={() => void send()}>
          {t('portal.emailSend')}
        </Button>
      </div>
    </section>
  );
};
