import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useAct, useAnswer, useConsole, useMay } from '../../../stores/console.ts';
import { CopyText } from '../../../ui/CopyText.tsx';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { Page } from '../Page.tsx';
import { SsoForm } from '../people/SsoForm.tsx';
import { SsoLinks } from '../people/SsoLinks.tsx';
import css from './pages.module.css';

/** Single sign-on with the organization's own provider, and the directory that keeps its people. */
export const SignOn = () => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const owner = useMay()('owner');
  const answer = useAnswer('admin.sso.get');
  const { busy, failure, act } = useAct();
  const remove = async (name: string) => {
    const sure = await prompts.getState().ask({
      headline: t('admin.sso.removeHeadline', { name }),
      hint: t('admin.sso.removeHint'),
      confirm: t('admin.sso.remove'),
      danger: true
    });
    if (sure && (await act('admin.sso.remove', {}))) prompts.getState().say(t('admin.sso.removed'));
  };
  const directory = async () => {
    const made = await act('admin.api-token.create', { name: 'directory', scopes: ['scim:manage'], days: 366 });
    if (!made) return;
    prompts.getState().reveal({
      headline: t('admin.sso.scimToken'),
      hint: t('admin.sso.scimTokenHint'),
      texts: [made.token]
    });
  };
  return (
    <Page
      title={t('admin.page.signOn')}
      hint={t('admin.sso.hint')}
      failure={failure}
      actions={
        <Button component="a" href="#/mail" size="sm" variant="default">
          {t('admin.page.mail')}
        </Button>
      }
    >
      <div className={css.columns}>
        <section className={css.section} aria-labelledby="provider">
          <h2 id="provider">{t('admin.sso.provider')}</h2>
          <p>{t('admin.sso.redirect')}</p>
          <CopyText text={`${window.location.origin}/sso/callback`} label={t('common.copy')} />
          <ReadGate {...answer}>
            {(settings) => (
              <>
                <SsoForm key={JSON.stringify(settings)} settings={settings} />
                {settings && owner && (
                  <div>
                    <Button variant="subtle" color="wax" loading={busy} onClick={() => void remove(settings.name)}>
                      {t('admin.sso.remove')}
                    </Button>
                  </div>
                )}
              </>
            )}
          </ReadGate>
        </section>
        <div className={css.stack}>
          <section className={css.section} aria-labelledby="directory">
            <h2 id="directory">{t('admin.sso.scim')}</h2>
            <p>{t('admin.sso.scimHint')}</p>
            <CopyText text={`${window.location.origin}/scim/v2`} label={t('common.copy')} />
            {owner && (
              <div>
                <Button variant="default" loading={busy} onClick={() => void directory()}>
                  {t('admin.sso.scimMake')}
                </Button>
              </div>
            )}
          </section>
          <SsoLinks />
        </div>
      </div>
    </Page>
  );
};
