import { Button } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct, useConsole } from '../../../stores/console.ts';
import { FailureNote } from '../../../ui/FailureNote.tsx';
import { EmailField } from '../../../ui/PersonFields.tsx';
import css from '../pages/pages.module.css';

/** A mail to somebody, to see whether the server that is set up takes it. */
export const MailTest = () => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const { busy, failure, act } = useAct();
  const [to, setTo] = useState('');
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (await act('admin.mail.test', { to })) prompts.getState().say(t('admin.mail.tested', { to }));
  };
  return (
    <section className={css.section} aria-labelledby="test">
      <h2 id="test">{t('admin.mail.try')}</h2>
      <p>{t('admin.mail.tryHint')}</p>
      <form className={css.form} onSubmit={(event) => void send(event)}>
        {failure && <FailureNote failure={failure} />}
        <EmailField label={t('admin.mail.to')} value={to} onChange={setTo} />
        <Button type="submit" variant="default" loading={busy} disabled={!to.includes('@')}>
          {t('admin.mail.test')}
        </Button>
      </form>
    </section>
  );
};
