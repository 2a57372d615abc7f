import { useTranslation } from 'react-i18next';
import { useAnswer } from '../../../stores/console.ts';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { Page } from '../Page.tsx';
import { MailForm } from '../people/MailForm.tsx';

/** Whether and how links are mailed to people. */
export const Mail = () => {
  const { t } = useTranslation();
  const answer = useAnswer('admin.mail.get');
  return (
    <Page title={t('admin.page.mail')} hint={t('admin.mail.hint')}>
      <ReadGate {...answer}>{(settings) => <MailForm key={JSON.stringify(settings)} settings={settings} />}</ReadGate>
    </Page>
  );
};
