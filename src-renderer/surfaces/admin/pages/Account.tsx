import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { useConsole } from '../../../stores/console.ts';
import { SignOutThereToo } from '../../../ui/SingleSignOn.tsx';
import { NewPassword } from '../account/NewPassword.tsx';
import { Passkeys } from '../account/Passkeys.tsx';
import { SecondFactor } from '../account/SecondFactor.tsx';
import { SignIns } from '../account/SignIns.tsx';
import { Page } from '../Page.tsx';
import css from './pages.module.css';

/** One's own account: how one signs in, and where one is signed in. */
export const Account = () => {
  const { t } = useTranslation();
  const { session } = useConsole();
  const view = useStore(session, (state) => state.view);
  const passkeys = useStore(session, (state) => state.passkeys);
  const [changing, setChanging] = useState(false);
  const who = view?.as.kind === 'admin' ? view.as : undefined;
  return (
    <Page
      title={who?.name ?? ''}
      hint={who ? `${t(`admin.admins.role.${who.role}`)}. ${t(`admin.admins.roleHint.${who.role}`)}` : ''}
    >
      <div className={css.columns}>
        <section className={css.section} aria-labelledby="password">
          <h2 id="password">{t('admin.account.password')}</h2>
          {changing ? (
            <NewPassword onDone={() => setChanging(false)} />
          ) : (
            <div>
              <Button variant="default" onClick={() => setChanging(true)}>
                {t('admin.account.changePassword')}
              </Button>
            </div>
          )}
        </section>
        <section className={css.section} aria-labelledby="second-factor">
          <h2 id="second-factor">{t('admin.account.secondFactor')}</h2>
          <p>{t('admin.account.secondFactorHint')}</p>
          <SecondFactor />
        </section>
        <section className={css.section} aria-labelledby="passkeys">
          <h2 id="passkeys">{t('admin.account.passkeys')}</h2>
          <p>{t(passkeys ? 'admin.account.passkeysHint' : 'admin.account.passkeysNeedName')}</p>
          <Passkeys />
        </section>
        <section className={css.section} aria-labelledby="sign-ins">
          <h2 id="sign-ins">{t('admin.account.signIns')}</h2>
          <SignIns />
          <div>
            <SignOutThereToo />
          </div>
        </section>
      </div>
    </Page>
  );
};
