import { Button, Modal } from '@mantine/core';
import css from './ConfirmDialog.module.css';

interface Props {
  readonly opened: boolean;
  readonly headline: string;
  readonly hint: string;
  readonly confirm: string;
  readonly keep: string;
  readonly danger?: boolean;
  readonly large?: boolean;
  onConfirm(): void;
  onClose(): void;
}

/** One question before something that cannot be taken back. The way out comes first and has the focus. */
export const ConfirmDialog = ({ opened, headline, hint, confirm, keep, danger, large, onConfirm, onClose }: Props) => (
  <Modal
    {...(large ? { classNames: { title: css.large } } : {})}
    opened={opened}
    onClose={onClose}
    title={headline}
    withCloseButton={false}
    size={large ? 'lg' : 'md'}
  >
    <p className={css.hint} data-large={large || undefined}>
      {hint}
    </p>
    <div className={css.actions}>
      <Button variant="default" size={large ? 'xl' : 'md'} onClick={onClose} data-autofocus>
        {keep}
      </Button>
      <Button size={large ? 'xl' : 'md'} {...(danger ? { color: 'wax' } : {})} onClick={onConfirm}>
        {confirm}
      </Button>
    </div>
  </Modal>
);
