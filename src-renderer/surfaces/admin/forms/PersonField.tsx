import { TextInput } from '@mantine/core';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAnswer } from '../../../stores/console.ts';

interface Props {
  readonly label: string;
  /** Id of a user; empty: nobody yet. */
  readonly value: string;
  onChange(user: string): void;
}

/** More suggestions than this help nobody. */
const most = 50;

/** Somebody who prints, by name, with suggestions. */
export const PersonField = ({ label, value, onChange }: Props) => {
  const { t } = useTranslation();
  const users = useAnswer('admin.user.list').read.value ?? [];
  const list = useId();
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? users.find(({ id }) => id === value)?.name ?? '';
  const wanted = text.trim().toLocaleLowerCase();
  const type = (name: string) => {
    setTyped(name);
    const same = name.trim().toLocaleLowerCase();
    onChange(users.find((user) => user.name.toLocaleLowerCase() === same)?.id ?? '');
  };
  return (
    <>
      <TextInput
        label={label}
        value={text}
        list={list}
        onChange={(event) => type(event.currentTarget.value)}
        error={text !== '' && value === '' && t('admin.users.nobody')}
        autoComplete="off"
        spellCheck={false}
        maxLength={128}
      />
      <datalist id={list}>
        {users
          .filter(({ name }) => name.toLocaleLowerCase().includes(wanted))
          .slice(0, most)
          .map(({ id, name }) => (
            <option key={id} value={name} />
          ))}
      </datalist>
    </>
  );
};
