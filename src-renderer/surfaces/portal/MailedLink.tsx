import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct, useAnswer, useConsole } from '../../stores/console.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { EmailField } from '../../ui/PersonFields.tsx';

/** Asks for a link that signs this browser in, where links are mailed. The answer is the same whether anybody has the address. */
export const MailedLink = () => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const mail = useAnswer('email-link.get').read.value;
  const { busy, failure, act, clear } = useAct();
  const [opened, setOpened] = useState(false);
  const [email, setEmail] = useState('');
  if (!mail?.offered) return null;
  const close = () => {
    setEmail('');
    clear();
    setOpened(false);
  };
  const ask = async () => {
    if (!(await act('email-link.ask', { email: email.trim() }))) return;
    prompts.getState().say(t('portal.linkAsked'));
    close();
  };
  return (
    <>
      <Button variant="subtle" onClick={() => setOpened(true)}>
        {t('portal.mailLink')}
      </Button>
      <FormDialog
        opened={opened}
        headline={t('portal.mailLink')}
        hint={t('portal.mailLinkHint')}
        submit={t('portal.mailLink')}
        busy={busy}
        ready={/^\S+@\S+$/.test(email.trim())}
        failure={failure}
        onSubmit={() => void ask()}
        onClose={close}
      >
        <EmailField label={t('admin.users.email')} value={email} onChange={setEmail} own first />
      </FormDialog>
    </>
  );
};
