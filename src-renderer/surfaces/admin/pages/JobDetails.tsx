import { useTranslation } from 'react-i18next';
import type { JobId, PolicyEffect } from '../../../../src-preload/contract/index.ts';
import { formatMoment } from '../../../i18n/format.ts';
import { useAnswer } from '../../../stores/console.ts';
import { isOpenJob } from '../../../stores/tones.ts';
import { Facts } from '../../../ui/Facts.tsx';
import { Note } from '../../../ui/Note.tsx';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { StatusMark } from '../../../ui/StatusMark.tsx';
import { useEffectWords } from '../policy/use-effect-words.ts';
import css from './pages.module.css';

/**
 * What is known of one job beyond its row: why it was refused, why these machines keep it, who keeps its key, which machines have
 * signed that nothing of it is left, and which have still to.
 */
export const JobDetails = ({ id }: { readonly id: JobId }) => {
  const { t } = useTranslation();
  const answer = useAnswer('admin.job.show', { id });
  return (
    <>
      <Refusals id={id} />
      <ReadGate {...answer} lines={2}>
        {({ state, custody, holders, erasures, why }) => (
          <Facts
            facts={[
              [t('admin.jobs.custody'), t(`admin.jobs.custodies.${custody}`)],
              [
                t('why.summary'),
                why.length > 0 ? (
                  <ul key="why">
                    {why.map(({ node, name, chosen, reason }) => (
                      <li key={node}>
                        <StatusMark tone={chosen ? 'good' : 'quiet'}>{name}</StatusMark>
                        <p className={css.muted}>{t(`why.${reason}`)}</p>
                      </li>
                    ))}
                  </ul>
                ) : null
              ],
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
              ],
              [
                t('admin.jobs.unerased'),
                !isOpenJob(state) && holders.length > 0 ? (
                  <ul key="unerased">
                    {holders.map((holder) => (
                      <li key={holder.id}>
                        <StatusMark tone="unsure">{holder.name}</StatusMark>
                      </li>
                    ))}
                  </ul>
                ) : null
              ]
            ]}
          />
        )}
      </ReadGate>
    </>
  );
};

/** Each rule that stood in its way, newest first. */
const Refusals = ({ id }: { readonly id: JobId }) => {
  const { t } = useTranslation();
  const { nameOf } = useEffectWords();
  const refusals = useAnswer('admin.policy.why', { job: id }).read.value ?? [];
  return refusals.map(({ time, step, effect, rule, words, version }) => (
    <Note
      key={`${time} ${step} ${effect}`}
      tone="trouble"
      title={words}
      next={t('admin.jobs.refused', {
        step: t(`admin.jobs.step.${step}`),
        when: formatMoment(time),
        name: nameOf(effect as PolicyEffect),
        rule,
        version
      })}
    />
  ));
};
