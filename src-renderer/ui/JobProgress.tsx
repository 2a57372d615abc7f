import { Progress } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { JobView } from '../../src-preload/contract/index.ts';
import { formatSize } from '../i18n/format.ts';
import { fractionOf } from '../stores/jobs.ts';
import css from './JobProgress.module.css';

/** What moves right now, how far it is; nothing for a job that rests. */
export const JobProgress = ({ job }: { readonly job: JobView }) => {
  const { t } = useTranslation();
  const fraction = fractionOf(job);
  if (!job.progress || fraction === undefined) return null;
  const { phase, bytes, total } = job.progress;
  return (
    <div className={css.progress}>
      <Progress.Root size={6} radius="xl">
        <Progress.Section
          className={css.bar}
          value={fraction === null ? 100 : fraction * 100}
          striped={fraction === null}
          animated={fraction === null}
          aria-label={t(`job.phase.${phase}`)}
          {...(fraction === null ? { 'aria-valuenow': undefined } : {})}
        />
      </Progress.Root>
      <p className={css.caption}>
        <span>{t(`job.phase.${phase}`)}</span>
        <span>
          {total
            ? t('job.bytesOf', { done: formatSize(bytes), total: formatSize(total) })
            : bytes > 0 && formatSize(bytes)}
        </span>
      </p>
    </div>
  );
};
