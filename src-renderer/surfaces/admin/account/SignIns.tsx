import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { formatRelative } from '../../../i18n/format.ts';
import { useAct, useAnswer } from '../../../stores/console.ts';
import { useMinute } from '../../../stores/now.ts';
import { FailureNote } from '../../../ui/FailureNote.tsx';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import css from './account.module.css';

/** Every browser where this account is signed in; each can be signed out from here. */
export const SignIns = () => {
  const { t } = useTranslation();
  const answer = useAnswer('session.list');
  const { busy, failure, act } = useAct();
  const now = useMinute();
  return (
    <>
      {failure && <FailureNote failure={failure} />}
      <ReadGate {...answer} lines={2}>
        {(sessions) => (
          <>
            <ul className={css.list} aria-label={t('admin.account.signIns')}>
              {sessions.map(({ id, current, address, agent, lastUsed }) => (
                <li key={id}>
                  <span className={css.what}>
                    {current ? t('admin.account.thisBrowser') : address}
                    <br />
                    <span className={css.muted} title={agent}>
                      {t('admin.account.active', {
                        when: formatRelative(lastUsed, now, t('common.now')),
                        browser: /(Edg|Firefox|Chrome|Safari)\/\d+/.exec(agent)?.[0] ?? agent.slice(0, 40)
                      })}
                    </span>
                  </span>
                  {!current && (
                    <Button
                      size="sm"
                      variant="default"
                      disabled={busy}
                      onClick={() => void act('session.end', { id }).then(answer.onRetry)}
                    >
                      {t('web.signOut')}
                    </Button>
                  )}
                </li>
              ))}
            </ul>
            {sessions.length > 1 && (
              <div>
                <Button
                  variant="default"
                  disabled={busy}
                  onClick={() => void act('session.end-others', {}).then(answer.onRetry)}
                >
                  {t('admin.account.endOthers')}
                </Button>
              </div>
            )}
          </>
        )}
      </ReadGate>
    </>
  );
};
