import { Button, Modal } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApprovalView, Bridge, Failure } from '../../../src-preload/contract/index.ts';
import { ask } from '../../gateway/bridge.ts';
import { Countdown } from '../../ui/Countdown.tsx';
import { FailureNote } from '../../ui/FailureNote.tsx';
import css from '../../ui/FormDialog.module.css';

interface Props {
  readonly approvals: readonly ApprovalView[];
  readonly bridge: Bridge;
}

/**
 * Strict custody: somebody signed in as the owner wants a job printed elsewhere. One question at a time; only a button answers
 * it, so that no stray click does.
 */
export const Approvals = ({ approvals: [first], bridge }: Props) => {
  const { t } = useTranslation();
  return (
    <Modal
      opened={first !== undefined}
      onClose={() => undefined}
      title={t('approval.headline', { printer: first?.printer ?? '' })}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
    >
      {first && <Question key={first.id} approval={first} bridge={bridge} />}
    </Modal>
  );
};

const Question = ({ approval, bridge }: { readonly approval: ApprovalView; readonly bridge: Bridge }) => {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const answer = async (approved: boolean) => {
    setBusy(true);
    const result = await ask(bridge, 'client.approve', { id: approval.id, approved });
    setBusy(false);
    setFailure(result.ok ? null : result);
  };
  return (
    <div className={css.form}>
      <p>{approval.title ?? t('job.hidden')}</p>
      <p className={css.hint}>
        {approval.delegate === undefined
          ? t('approval.hint', { station: approval.station })
          : t('approval.delegate', { name: approval.delegate, station: approval.station })}
      </p>
      {failure && <FailureNote failure={failure} />}
      <p className={css.hint}>
        <Countdown until={approval.expires}>{(time) => t('approval.ends', { time })}</Countdown>
      </p>
      <div className={css.actions}>
        <Button variant="default" disabled={busy} onClick={() => void answer(false)} data-autofocus>
          {t('approval.decline')}
        </Button>
        <Button disabled={busy} onClick={() => void answer(true)}>
          {t('approval.approve')}
        </Button>
      </div>
    </div>
  );
};
