import type { ReactNode } from 'react';
import css from './EmptyState.module.css';
import { Words } from './Words.tsx';

interface Props {
  readonly headline: string;
  readonly hint: string;
  readonly children?: ReactNode;
}

/** Nothing is there, why that is fine, and what to do if one wants it otherwise. */
export const EmptyState = ({ headline, hint, children }: Props) => (
  <div className={css.empty}>
    <h2>{headline}</h2>
    <p>
      <Words>{hint}</Words>
    </p>
    {children}
  </div>
);
