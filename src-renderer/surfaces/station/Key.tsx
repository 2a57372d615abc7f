import type { ReactNode } from 'react';
import css from './Key.module.css';

interface Props {
  readonly label?: string;
  readonly wide?: boolean;
  readonly pressed?: boolean;
  readonly quiet?: boolean;
  readonly children: ReactNode;
  onPress(): void;
}

/** One key on the screen. It never takes the focus: the field that is being filled keeps it. */
export const Key = ({ label, wide, pressed, quiet, children, onPress }: Props) => (
  <button
    type="button"
    tabIndex={-1}
    className={css.key}
    data-wide={wide || undefined}
    data-quiet={quiet || undefined}
    aria-label={label}
    aria-pressed={pressed}
    onPointerDown={(event) => event.preventDefault()}
    onClick={onPress}
  >
    {children}
  </button>
);
