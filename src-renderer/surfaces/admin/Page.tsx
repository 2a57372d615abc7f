import type { ReactNode } from 'react';
import type { Failure } from '../../../src-preload/contract/index.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';
import css from './Page.module.css';

interface Props {
  readonly title: string;
  readonly hint?: string;
  readonly actions?: ReactNode;
  /** Of what was just tried on this page. */
  readonly failure?: Failure | null;
  readonly children: ReactNode;
}

/** The frame of every page: what it is, what can be added, what went wrong, the rest. */
export const Page = ({ title, hint, actions, failure, children }: Props) => (
  <div className={css.page}>
    <header className={css.header}>
      <div>
        <h1>{title}</h1>
        {hint && <p className={css.hint}>{hint}</p>}
      </div>
      {actions && <div className={css.actions}>{actions}</div>}
    </header>
    {failure && <FailureNote failure={failure} />}
    {children}
  </div>
);
