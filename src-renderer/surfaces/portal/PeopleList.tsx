import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import css from './App.module.css';

interface Props<Person> {
  readonly people: readonly Person[];
  /** The headline that names the list. */
  readonly labelledBy: string;
  readonly busy: boolean;
  keyOf(person: Person): string;
  /** What is said of each. */
  wordsOf(person: Person): string;
  /** How each stands. */
  markOf?(person: Person): ReactNode;
  onRemove(person: Person): void;
}

/** Somebody for a while: until when, and a way to end it sooner. */
export const PeopleList = <Person extends { readonly name: string }>(props: Props<Person>) => {
  const { people, labelledBy, busy, keyOf, wordsOf, markOf, onRemove } = props;
  const { t } = useTranslation();
  return (
    <ul className={markOf ? css.list : css.pairs} aria-labelledby={labelledBy}>
      {people.map((person) => (
        <li key={keyOf(person)}>
          {markOf?.(person)}
          <span>{wordsOf(person)}</span>
          <Button
            size="sm"
            variant="default"
            disabled={busy}
            aria-label={t('portal.removeNamed', { name: person.name })}
            onClick={() => onRemove(person)}
          >
            {t('portal.remove')}
          </Button>
        </li>
      ))}
    </ul>
  );
};
