import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { type Console, ConsoleProvider, useConsole } from '../../stores/console.ts';
import { IdleWarning } from '../../ui/IdleWarning.tsx';
import { LiveBanner } from '../../ui/LiveBanner.tsx';
import { Mark } from '../../ui/Mark.tsx';
import { Prompt } from '../../ui/Prompt.tsx';
import { SessionGate } from '../../ui/SessionGate.tsx';
import css from './App.module.css';
import { ChangePin } from './ChangePin.tsx';
import { MyBadges } from './MyBadges.tsx';
import { MyDelegates } from './MyDelegates.tsx';
import { MyDevices } from './MyDevices.tsx';
import { MyEmail } from './MyEmail.tsx';
import { MyGuests } from './MyGuests.tsx';
import { MyJobs } from './MyJobs.tsx';
import { MySignOn } from './MySignOn.tsx';
import { SignIn } from './SignIn.tsx';

/** A person's own printing: what waits, which computers, the PIN. */
export const App = ({ context }: { readonly context: Console }) => (
  <ConsoleProvider value={context}>
    <SessionGate session={context.session} kind="user" signIn={<SignIn />}>
      {({ name }) => <Portal name={name} />}
    </SessionGate>
    <Prompt prompts={context.prompts} />
  </ConsoleProvider>
);

const Portal = ({ name }: { readonly name: string }) => {
  const { t } = useTranslation();
  const { session } = useConsole();
  const { organization, signOut } = useStore(session);
  const [changing, setChanging] = useState(false);
  return (
    <div className={css.portal}>
      <header className={css.header}>
        <Mark size={36} />
        <div className={css.who}>
          <p className={css.organization}>{organization}</p>
          <p className={css.muted}>{t('portal.signedInAs', { name })}</p>
        </div>
        <Button size="sm" variant="default" onClick={() => setChanging(true)}>
          {t('portal.changePin')}
        </Button>
        <Button size="sm" variant="subtle" onClick={() => void signOut()}>
          {t('web.signOut')}
        </Button>
      </header>
      <main className={css.main}>
        <h1>{t('portal.headline')}</h1>
        <LiveBanner />
        <MyJobs />
        <MyDelegates />
        <MyGuests />
        <MyBadges />
        <MyDevices />
        <MyEmail />
        <MySignOn />
      </main>
      <ChangePin opened={changing} onClose={() => setChanging(false)} />
      <IdleWarning />
    </div>
  );
};
