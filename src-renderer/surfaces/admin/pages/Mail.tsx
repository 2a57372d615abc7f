import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useAnswer, useMay } from '../../../stores/console.ts';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { Page } from '../Page.tsx';
import { MailForm } from '../people/MailForm.tsx';
import { MailTest } from '../people/MailTest.tsx';
import css from './pages.module.css';

/** Whether and how links are mailed to people. */
export const Mail = () => {
  const { t } = useTranslation();
  const owner = useMay()('owner');
  const answer = useAnswer('admin.mail.get');
  return (
    <Page
      title={t('admin.page.mail')}
      hint={t('admin.mail.hint')}
      actions={
        <>
          <Button component="a" href="#/sign-on" size="sm" variant="default">
            {t('admin.page.signOn')}
          </Button>
          <Button component="a" href="#/user-rules" size="sm" variant="default">
            {t('admin.page.userRules')}
          </Button>
        </>
      }
    >
      <ReadGate {...answer}>
        {(settings) => (
          <div className={css.columns}>
            <section className={css.section} aria-labelledby="server">
              <h2 id="server">{t('admin.mail.server')}</h2>
              <MailForm key={JSON.stringify(settings)} settings={settings} />
            </section>
            {settings && owner && <MailTest />}
          </div>
        )}
      </ReadGate>
    </Page>
  );
};
