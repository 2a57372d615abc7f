import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditForwardTarget, Output } from '../../../../src-preload/contract/index.ts';
import { formatMoment } from '../../../i18n/format.ts';
import { useAct, useAnswer, useConsole, useMay } from '../../../stores/console.ts';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { StatusMark } from '../../../ui/StatusMark.tsx';
import { AddForward } from '../forms/AddForward.tsx';
import { Page } from '../Page.tsx';
import css from './pages.module.css';

type Forward = Output<'admin.audit.forward.list'>[number];

/** Where the audit log goes besides this coordinator. */
export const Forwarding = () => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const may = useMay();
  const answer = useAnswer('admin.audit.forward.list');
  const { busy, failure, act } = useAct();
  const [adding, setAdding] = useState(false);
  const { ask, say } = prompts.getState();

  const test = async ({ id, name }: Forward) => {
    if (await act('admin.audit.forward.test', { id })) say(t('admin.forwarding.tested', { name }));
  };
  const remove = async ({ id, name }: Forward) => {
    const sure = await ask({
      headline: t('admin.forwarding.removeHeadline', { name }),
      hint: t('admin.forwarding.removeHint'),
      confirm: t('admin.forwarding.remove'),
      danger: true
    });
    if (sure && (await act('admin.audit.forward.remove', { id }))) say(t('admin.forwarding.removed', { name }));
  };
  const stateOf = ({ failing, waiting }: Forward) => {
    if (failing) {
      const words = t('admin.forwarding.failing', { when: formatMoment(failing.since), reason: failing.reason });
      return <StatusMark tone="trouble">{words}</StatusMark>;
    }
    return waiting > 0 ? (
      <StatusMark tone="busy">{t('admin.forwarding.waiting', { count: waiting })}</StatusMark>
    ) : (
      <StatusMark tone="good">{t('admin.forwarding.well')}</StatusMark>
    );
  };
  return (
    <Page
      title={t('admin.page.forwarding')}
      hint={t('admin.forwarding.hint')}
      failure={failure}
      actions={
        may('dangerous') && (
          <Button size="sm" leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
            {t('admin.forwarding.add')}
          </Button>
        )
      }
    >
      <ReadGate {...answer} lines={2}>
        {(forwards) =>
          forwards.length === 0 ? (
            <EmptyState headline={t('admin.forwarding.none')} hint={t('admin.forwarding.noneHint')} />
          ) : (
            <ul className={css.lines} aria-label={t('admin.page.forwarding')}>
              {forwards.map((forward) => (
                <li key={forward.id} aria-label={forward.name}>
                  <span className={css.what}>
                    <strong>{forward.name}</strong>
                    <code>{addressOf(forward.target)}</code>
                  </span>
                  {stateOf(forward)}
                  {may('manage') && (
                    <Button size="sm" variant="default" disabled={busy} onClick={() => void test(forward)}>
                      {t('admin.forwarding.test')}
                    </Button>
                  )}
                  {may('dangerous') && (
                    <Button size="sm" variant="light" color="wax" disabled={busy} onClick={() => void remove(forward)}>
                      {t('admin.forwarding.remove')}
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </ReadGate>
      <AddForward opened={adding} onClose={() => setAdding(false)} />
    </Page>
  );
};

const addressOf = (target: AuditForwardTarget): string =>
  target.kind === 'syslog' ? `${target.host}:${target.port}` : target.url;
