import { Button, Modal } from '@mantine/core';
import { type FormEvent, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { ClientState, TicketView } from '../../../src-preload/contract/index.ts';
import { formatWhen } from '../../i18n/format.ts';
import { isFinished } from '../../stores/jobs.ts';
import { useNow } from '../../stores/now.ts';
import { isPinFailure } from '../../stores/release.ts';
import type { TicketStore } from '../../stores/ticket.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';
import form from '../../ui/FormDialog.module.css';
import { QrCode } from '../../ui/QrCode.tsx';
import { isFilled, OwnerFields } from './OwnerFields.tsx';
import css from './TicketDialog.module.css';

interface Props {
  readonly state: ClientState;
  readonly store: TicketStore;
}

/** Strict custody: PIN first, then the picture to take along. It is gone with the dialog, and when the job has ended. */
export const TicketDialog = ({ state, store }: Props) => {
  const { t } = useTranslation();
  const { job: id, ticket, close } = useStore(store);
  const job = state.jobs.find((each) => each.id === id && !isFinished(each));
  const gone = id !== null && job === undefined;
  useEffect(() => {
    if (gone) close();
  }, [gone, close]);
  return (
    <Modal
      opened={job !== undefined}
      onClose={close}
      title={t('ticket.headline')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
      transitionProps={{ duration: 0 }}
    >
      {job && (
        <div className={form.form}>
          <p className={css.job}>{job.title ?? t('job.hidden')}</p>
          {ticket ? <Shown ticket={ticket} onClose={close} /> : <Ask owner={state.owner} store={store} />}
        </div>
      )}
    </Modal>
  );
};

const Ask = ({ owner, store }: { readonly owner: string | null; readonly store: TicketStore }) => {
  const { t } = useTranslation();
  const { user, pin, working, failure, fill, take } = useStore(store);
  const ready = isFilled({ owner, user, pin }) && !working;
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (ready) void take();
  };
  return (
    <form className={form.form} onSubmit={send}>
      <p className={form.hint}>{t('ticket.hint')}</p>
      {failure && !isPinFailure(failure) && <FailureNote failure={failure} />}
      <OwnerFields {...{ owner, user, pin, failure, fill }} />
      <Button type="submit" fullWidth disabled={!ready} loading={working}>
        {t('ticket.take')}
      </Button>
    </form>
  );
};

const Shown = ({ ticket, onClose }: { readonly ticket: TicketView; onClose(): void }) => {
  const { t } = useTranslation();
  const now = useNow();
  return (
    <>
      <div className={css.picture}>
        <QrCode text={ticket.text} label={t('ticket.picture')} large />
      </div>
      <p>{t('ticket.how')}</p>
      <p>{t('ticket.secret')}</p>
      <p className={form.hint}>{t('ticket.until', { when: formatWhen(ticket.expires, now) })}</p>
      <Button fullWidth onClick={onClose} data-autofocus>
        {t('ticket.close')}
      </Button>
    </>
  );
};
