import css from './StatusMark.module.css';

export type Tone = 'good' | 'busy' | 'unsure' | 'trouble' | 'quiet';

/** A state in one word, with a dot in its colour: the word alone says it all. */
export const StatusMark = ({ tone, children }: { readonly tone: Tone; readonly children: string }) => (
  <span className={css.status} data-tone={tone}>
    {children}
  </span>
);
