import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { formatMoment } from '../../../i18n/format.ts';
import { useAct, useAnswer, useConsole, useMay } from '../../../stores/console.ts';
import { FailureNote } from '../../../ui/FailureNote.tsx';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import css from './pages.module.css';

/** The coordinators that share this organization's database; nothing where one has it for itself. */
export const Coordinators = () => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const may = useMay()('dangerous');
  const answer = useAnswer('admin.coordinator.list');
  const { busy, failure, act } = useAct();
  const remove = async (url: string) => {
    const sure = await prompts.getState().ask({
      headline: t('admin.coordinators.removeHeadline', { url }),
      hint: t('admin.coordinators.removeHint'),
      confirm: t('admin.coordinators.remove'),
      danger: true
    });
    if (sure && (await act('admin.coordinator.remove', { url })))
      prompts.getState().say(t('admin.coordinators.removed'));
  };
  if (answer.read.value?.length === 0) return null;
  return (
    <section className={css.section} aria-labelledby="coordinators">
      <h2 id="coordinators">{t('admin.coordinators.headline')}</h2>
      {failure && <FailureNote failure={failure} />}
      <ReadGate {...answer} lines={1}>
        {(coordinators) => (
          <ul className={css.lines} aria-labelledby="coordinators">
            {coordinators.map(({ url, webUrl, since }) => (
              <li key={url}>
                <span className={css.what}>
                  <strong>{url}</strong>
                  <span>{t('admin.coordinators.since', { when: formatMoment(since) })}</span>
                </span>
                {new URL(webUrl).origin === window.location.origin && <span>{t('admin.coordinators.this')}</span>}
                {may && coordinators.length > 1 && (
                  <Button size="sm" variant="light" color="wax" disabled={busy} onClick={() => void remove(url)}>
                    {t('admin.coordinators.remove')}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
      </ReadGate>
    </section>
  );
};
