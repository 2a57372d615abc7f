import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useAnswer } from '../../../stores/console.ts';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { Page } from '../Page.tsx';
import { Rules } from '../policy/Rules.tsx';
import { Settings } from '../policy/Settings.tsx';
import css from './pages.module.css';

/** Who may do what, and for how long: the settings for everybody, and the exceptions from them. */
export const Policy = () => {
  const { t } = useTranslation();
  const answer = useAnswer('admin.policy.show');
  return (
    <Page
      title={t('admin.page.policy')}
      hint={t('admin.policy.hint')}
      actions={
        <>
          <Button component="a" href="#/policy-explain" size="sm" variant="default">
            {t('admin.policy.explain')}
          </Button>
          <Button component="a" href="#/policy-history" size="sm" variant="default">
            {t('admin.page.policyHistory')}
          </Button>
        </>
      }
    >
      <ReadGate {...answer}>
        {({ version, settings, rules }) => (
          <div className={css.columns}>
            <section className={css.section} aria-labelledby="settings">
              <h2 id="settings">{t('admin.policy.settings')}</h2>
              <p>{t('admin.policy.version', { version })}</p>
              <Settings key={JSON.stringify(settings)} policy={settings} version={version} />
            </section>
            <Rules rules={rules} version={version} />
          </div>
        )}
      </ReadGate>
    </Page>
  );
};
