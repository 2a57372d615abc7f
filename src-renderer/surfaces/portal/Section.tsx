import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Failure } from '../../../src-preload/contract/index.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';
import css from './App.module.css';

interface Props {
  /** Of its headline, by which lists in it are named. */
  readonly id: string;
  readonly headline: string;
  /** What can be added here; undefined: nothing, or not by this person. */
  readonly add: string | undefined;
  onAdd(): void;
  /** Of what was just tried here. */
  readonly failure: Failure | null;
  readonly children: ReactNode;
}

/** One thing that somebody keeps in the portal: what it is, what can be added, what went wrong, what is there. */
export const Section = ({ id, headline, add, onAdd, failure, children }: Props) => (
  <section className={css.section} aria-labelledby={id}>
    <div className={css.row}>
      <h2 id={id}>{headline}</h2>
      {add && (
        <Button size="sm" variant="default" onClick={onAdd}>
          {add}
        </Button>
      )}
    </div>
    {failure && <FailureNote failure={failure} />}
    {children}
  </section>
);
