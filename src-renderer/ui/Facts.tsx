import { Fragment, type ReactNode } from 'react';
import css from './Facts.module.css';

/** Names and what they are, one below the other. What is not known is left out. */
export const Facts = ({ facts }: { readonly facts: readonly (readonly [name: string, value: ReactNode])[] }) => (
  <dl className={css.facts}>
    {facts.map(
      ([name, value]) =>
        value !== null &&
        value !== '' && (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        )
    )}
  </dl>
);
