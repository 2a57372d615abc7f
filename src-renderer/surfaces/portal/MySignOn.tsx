import { useTranslation } from 'react-i18next';
import { useAnswer } from '../../stores/console.ts';
import { SignOnButton, SignOutThereToo } from '../../ui/SingleSignOn.tsx';
import css from './App.module.css';

/** The organization's own sign-on: to be used from now on, or left with this page. Nothing where there is none. */
export const MySignOn = () => {
  const { t } = useTranslation();
  const provider = useAnswer('sso.get').read.value;
  if (!provider) return null;
  return (
    <section className={css.section} aria-labelledby="sign-on">
      <h2 id="sign-on">{t('portal.signOn')}</h2>
      <p className={css.muted}>{t('portal.signOnHint', { name: provider.name })}</p>
      <div className={css.row}>
        <SignOnButton kind="user" linking />
        <SignOutThereToo />
      </div>
    </section>
  );
};
