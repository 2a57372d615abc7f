import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Read } from '../stores/reads.ts';
import { FailureNote } from './FailureNote.tsx';
import css from './ReadGate.module.css';

interface Props<T> {
  readonly read: Read<T>;
  /** How many lines stand for what is still on its way. */
  readonly lines?: number;
  onRetry(): void;
  children(value: T): ReactNode;
}

/** What was answered; until then its outline; if nothing was, why, with a way to ask again. */
export const ReadGate = <T,>({ read, lines = 6, onRetry, children }: Props<T>) => {
  const { t } = useTranslation();
  if (read.value !== undefined) return children(read.value);
  if (read.failure)
    return (
      <div className={css.failed}>
        <FailureNote failure={read.failure} />
        <Button variant="default" onClick={onRetry}>
          {t('common.retry')}
        </Button>
      </div>
    );
  return (
    <div className={css.outline} role="status" aria-label={t('table.loading')}>
      {Array.from({ length: lines }, (_, line) => (
        // They are all the same.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <span key={line} />
      ))}
    </div>
  );
};
