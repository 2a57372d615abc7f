import { useTranslation } from 'react-i18next';
import type { JobId } from '../../../../src-preload/contract/index.ts';
import { formatMoment } from '../../../i18n/format.ts';
import { useAnswer } from '../../../stores/console.ts';
import { Facts } from '../../../ui/Facts.tsx';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { StatusMark } from '../../../ui/StatusMark.tsx';

/** What is known of one job beyond its row: who keeps its key, and which machines have signed that nothing of it is left. */
export const JobDetails = ({ id }: { readonly id: JobId }) => {
  const { t } = useTranslation();
  const answer = useAnswer('admin.job.show', { id });
  return (
    <ReadGate {...answer} lines={2}>
      {({ custody, erasures }) => (
        <Facts
          facts={[
            [t('admin.jobs.custody'), t(`admin.jobs.custodies.${custody}`)],
            [
              t('admin.jobs.erasures'),
              erasures.length > 0 ? (
                <ul key="erasures">
                  {erasures.map(({ node, name, at, valid }) => (
                    <li key={node}>
                      <StatusMark tone={valid ? 'good' : 'trouble'}>{`${name}, ${formatMoment(at)}`}</StatusMark>
                    </li>
                  ))}
                </ul>
              ) : null
            ]
          ]}
        />
      )}
    </ReadGate>
  );
};
