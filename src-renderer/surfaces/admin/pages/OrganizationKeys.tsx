import { Button, NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { formatDay, formatMoment } from '../../../i18n/format.ts';
import { useAct, useAnswer, useConsole, useMay } from '../../../stores/console.ts';
import { FailureNote } from '../../../ui/FailureNote.tsx';
import { Note } from '../../../ui/Note.tsx';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import css from './pages.module.css';

const schedules = [0, 7, 30, 90, 365] as const;

/** The keys as a whole: whether anything may be opened at all, and when the next release key is made. */
export const OrganizationKeys = () => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const may = useMay()('dangerous');
  const answer = useAnswer('admin.key.status');
  const { busy, failure, act } = useAct();
  const { ask, say } = prompts.getState();

  const suspend = async () => {
    const sure = await ask({
      headline: t('admin.keys.suspendHeadline'),
      hint: t('admin.keys.suspendHint'),
      confirm: t('admin.keys.suspend'),
      danger: true
    });
    if (sure) await act('admin.key.suspend', { suspended: true });
  };
  const resume = async () => {
    if (await act('admin.key.suspend', { suspended: false })) say(t('admin.keys.resumed'));
  };
  const schedule = async (rotationDays: number) => {
    if (await act('admin.key.schedule', { rotationDays })) say(t('admin.keys.scheduled'));
  };
  return (
    <ReadGate {...answer} lines={1}>
      {({ suspended, rotationDays, nextRotation }) => {
        const known = schedules.find((days) => days === rotationDays);
        return (
          <>
            {failure && <FailureNote failure={failure} />}
            {suspended && (
              <Note
                tone="trouble"
                role="status"
                title={t('admin.keys.suspended')}
                next={t('admin.keys.suspendedHint', { when: formatMoment(suspended) })}
              />
            )}
            <div className={css.row}>
              <NativeSelect
                label={t('admin.keys.schedule')}
                description={
                  nextRotation ? t('admin.keys.next', { when: formatDay(nextRotation) }) : t('admin.keys.scheduleHint')
                }
                value={String(rotationDays)}
                disabled={!may || busy}
                onChange={(event) => void schedule(Number(event.currentTarget.value))}
                data={[
                  ...schedules.map((days) => ({ value: String(days), label: t(`admin.keys.every.${days}`) })),
                  ...(known === undefined
                    ? [{ value: String(rotationDays), label: t('admin.keys.everyDays', { count: rotationDays }) }]
                    : [])
                ]}
              />
              {may && (
                <Button
                  className={css.end ?? ''}
                  variant={suspended ? 'filled' : 'light'}
                  {...(suspended ? {} : { color: 'wax' })}
                  loading={busy}
                  onClick={() => void (suspended ? resume() : suspend())}
                >
                  {t(suspended ? 'admin.keys.resume' : 'admin.keys.suspend')}
                </Button>
              )}
            </div>
          </>
        );
      }}
    </ReadGate>
  );
};
