import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Input, Output } from '../../../../src-preload/contract/index.ts';
import { useAct } from '../../../stores/console.ts';
import { FailureNote } from '../../../ui/FailureNote.tsx';
import css from '../pages/pages.module.css';

/** What a change would have refused of the last seven days, before it is made. */
export const Preview = ({ change }: { readonly change: Input<'admin.policy.preview'> }) => {
  const { t } = useTranslation();
  const { busy, failure, act } = useAct();
  const asked = JSON.stringify(change);
  const [answer, setAnswer] = useState<{ asked: string; preview: Output<'admin.policy.preview'> } | null>(null);
  const ask = async () => {
    const preview = await act('admin.policy.preview', change);
    if (preview) setAnswer({ asked, preview });
  };
  // An answer to something else that was typed before says nothing any more.
  const preview = answer?.asked === asked ? answer.preview : undefined;
  return (
    <div className={css.stack}>
      {failure && <FailureNote failure={failure} />}
      <div>
        <Button variant="default" size="sm" loading={busy} onClick={() => void ask()}>
          {t('admin.policy.preview')}
        </Button>
      </div>
      {preview && (
        <div role="status">
          <p>
            {preview.refused.length === 0
              ? t('admin.policy.refusesNothing', { count: preview.releases })
              : t('admin.policy.refuses', {
                  count: preview.refused.reduce((sum, { releases }) => sum + releases, 0),
                  all: preview.releases
                })}
          </p>
          <ul className={css.lines}>
            {preview.refused.map(({ user, printer, releases, rule }) => (
              <li key={`${user} ${printer} ${rule}`}>
                <span className={css.what}>
                  <strong>{t('admin.policy.refusedAt', { user, printer })}</strong>
                  <code>{rule}</code>
                </span>
                {t('admin.policy.times', { count: releases })}
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
};
