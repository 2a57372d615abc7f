import type { Situation } from '../stores/jobs.ts';
import css from './Letter.module.css';

const open: readonly Situation[] = ['releasing', 'printing', 'completed', 'uncertain'];
const sealed: readonly Situation[] = ['held', 'outbox', 'unreachable', 'sealing'];

/** What lies in the lower corner: drawn, because it is the same in every language. */
const badges: Partial<Record<Situation, string>> = {
  completed: 'm29.4 31 2.1 2.1 4-4.4',
  uncertain: 'M30.1 29.6c.2-2.6 4.6-2.4 4.3.2-.2 1.3-2 1.3-2 2.8m0 2v.1',
  failed: 'M32.4 28v4.2m0 2.5v.1',
  canceled: 'm30.2 29 4.2 4.2m0-4.2-4.2 4.2',
  outbox: 'M32.4 28.6v2.9l1.9 1.2'
};

/** A job as a letter: its seal whole, open, or broken. Decoration; the words beside it say the same. */
export const Letter = ({ situation, size = 44 }: { readonly situation: Situation; readonly size?: number }) => {
  const badge = badges[situation];
  return (
    <svg
      className={css.letter}
      data-situation={situation}
      data-large={size >= 88 || undefined}
      width={size}
      height={size}
      viewBox="0 0 40 40"
      aria-hidden="true"
    >
      {open.includes(situation) && (
        <>
          <path className={css.paper} d="m5 15 15-11 15 11" />
          <path className={css.sheet} d="M10 8.5h20v21H10z" />
          <path className={css.lines} d="M13.5 12.5h13m-13 3.5h9" />
        </>
      )}
      <path
        className={css.paper}
        d={
          open.includes(situation)
            ? 'M5 15v17a2.5 2.5 0 0 0 2.5 2.5h25A2.5 2.5 0 0 0 35 32V15L20 25.5z'
            : 'M7.5 8.5h25A2.5 2.5 0 0 1 35 11v19a2.5 2.5 0 0 1-2.5 2.5h-25A2.5 2.5 0 0 1 5 30V11a2.5 2.5 0 0 1 2.5-2.5z'
        }
      />
      {!open.includes(situation) && (
        <path className={css.fold} d="m5.8 10 14.2 11L34.2 10M5.8 31 15.5 17.6M34.2 31 24.5 17.6" />
      )}
      {sealed.includes(situation) && <circle className={css.seal} cx="20" cy="20.5" r="4.4" />}
      {badge && (
        <>
          <circle className={css.badge} cx="32.4" cy="31.4" r="6.4" />
          <path className={css.sign} d={badge} />
        </>
      )}
    </svg>
  );
};
