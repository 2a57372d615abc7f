import { useTranslation } from 'react-i18next';
import type { JobView } from '../../src-preload/contract/index.ts';
import { formatRelative, formatSize, formatWhen } from '../i18n/format.ts';
import { isFinished } from '../stores/jobs.ts';
import { useMinute } from '../stores/now.ts';

/** What is known of a job's documents, and when it came and goes. What is not known is left out, never guessed. */
export const JobFacts = ({ job }: { readonly job: JobView }) => {
  const { t } = useTranslation();
  const now = useMinute();
  const { pages, color } = job.facts;
  const facts = [
    job.documents > 1 && t('job.documents', { count: job.documents }),
    pages !== undefined && t('job.pages', { count: pages }),
    color !== undefined && t(color ? 'job.color' : 'job.grey'),
    formatSize(job.size)
  ];
  return (
    <>
      <span>{facts.filter(Boolean).join(', ')}</span>
      <span>{t('job.sent', { when: formatWhen(job.created, now) })}</span>
      {!isFinished(job) && <span>{t('job.expires', { when: formatRelative(job.expires, now, t('common.now')) })}</span>}
    </>
  );
};
