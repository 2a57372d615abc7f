import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { formatDay } from '../../../i18n/format.ts';
import { useAct, useAnswer, useConsole, useMay } from '../../../stores/console.ts';
import { useMinute } from '../../../stores/now.ts';
import { toneOfEnd } from '../../../stores/tones.ts';
import { FailureNote } from '../../../ui/FailureNote.tsx';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { StatusMark } from '../../../ui/StatusMark.tsx';
import css from './pages.module.css';

/** What stands above the release keys: the certificate authority of all machines, and the master key. */
export const AuthorityKeys = () => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const may = useMay()('dangerous');
  const now = useMinute();
  const answer = useAnswer('admin.key.authority');
  const { busy, failure, act } = useAct();
  const { ask, say } = prompts.getState();
  const renew = async () => {
    const sure = await ask({
      headline: t('admin.keys.renewHeadline'),
      hint: t('admin.keys.renewHint'),
      confirm: t('admin.keys.renew')
    });
    if (sure && (await act('admin.key.renew-authority', {}))) say(t('admin.keys.renewed'));
  };
  const rotate = async () => {
    const sure = await ask({
      headline: t('admin.keys.rotateMasterHeadline'),
      hint: t('admin.keys.rotateMasterHint'),
      confirm: t('admin.keys.rotateMaster')
    });
    const made = sure && (await act('admin.key.rotate-master', {}));
    if (made) say(t('admin.keys.masterRotated', { count: made.releaseKeys }));
  };
  return (
    <section className={css.section} aria-labelledby="above">
      <h2 id="above">{t('admin.keys.above')}</h2>
      {failure && <FailureNote failure={failure} />}
      <ul className={css.lines} aria-labelledby="above">
        <li>
          <span className={css.what}>
            <strong>{t('admin.keys.authority')}</strong>
            <span>{t('admin.keys.authorityHint')}</span>
          </span>
          <ReadGate {...answer} lines={1}>
            {({ ends, previous }) => (
              <>
                <StatusMark tone={toneOfEnd(ends, now)}>
                  {t('admin.keys.validUntil', { when: formatDay(ends) })}
                </StatusMark>
                {previous && (
                  <StatusMark tone="busy">
                    {t('admin.keys.previous', { count: previous.devices, when: formatDay(previous.ends) })}
                  </StatusMark>
                )}
                {may && (
                  <Button size="sm" variant="default" disabled={busy || previous !== null} onClick={() => void renew()}>
                    {t('admin.keys.renew')}
                  </Button>
                )}
              </>
            )}
          </ReadGate>
        </li>
        <li>
          <span className={css.what}>
            <strong>{t('admin.keys.master')}</strong>
            <span>{t('admin.keys.masterHint')}</span>
          </span>
          {may && (
            <Button size="sm" variant="default" disabled={busy} onClick={() => void rotate()}>
              {t('admin.keys.rotateMaster')}
            </Button>
          )}
        </li>
      </ul>
    </section>
  );
};
