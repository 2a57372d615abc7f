import { Button, Modal } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Failure } from '../../src-preload/contract/index.ts';
import { FailureNote } from './FailureNote.tsx';
import css from './FormDialog.module.css';

interface Props {
  readonly opened: boolean;
  readonly headline: string;
  readonly hint?: string;
  readonly submit: string;
  readonly busy: boolean;
  readonly ready: boolean;
  readonly danger?: boolean;
  readonly failure: Failure | null;
  readonly children: ReactNode;
  onSubmit(): void;
  onClose(): void;
}

/** Some fields and one thing to do with them. Closes by its owner's word, so that a refusal keeps what was typed. */
export const FormDialog = (props: Props) => {
  const { opened, headline, hint, submit, busy, ready, danger, failure, children, onSubmit, onClose } = props;
  const { t } = useTranslation();
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !busy) onSubmit();
  };
  return (
    <Modal opened={opened} onClose={onClose} title={headline} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <form className={css.form} onSubmit={send}>
        {hint && <p className={css.hint}>{hint}</p>}
        {failure && <FailureNote failure={failure} />}
        {children}
        <div className={css.actions}>
          <Button variant="default" onClick={onClose}>
            {t('common.back')}
          </Button>
          <Button type="submit" loading={busy} disabled={!ready} {...(danger ? { color: 'wax' } : {})}>
            {submit}
          </Button>
        </div>
      </form>
    </Modal>
  );
};
