import { Checkbox, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output, UserId } from '../../../../src-preload/contract/index.ts';
import { useAct, useAnswer, useConsole } from '../../../stores/console.ts';
import { FormDialog } from '../../../ui/FormDialog.tsx';
import css from '../pages/pages.module.css';

interface Props {
  readonly group: Output<'admin.group.list'>[number] | null;
  onClose(): void;
}

/** More names at once than this are searched, not read. */
const most = 100;

/** Who is in the group: searched by name, ticked, saved together. Members stand first. */
export const GroupMembers = ({ group, onClose }: Props) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const users = useAnswer('admin.user.list').read.value ?? [];
  const { busy, failure, act, clear } = useAct();
  const [search, setSearch] = useState('');
  const [members, setMembers] = useState<ReadonlySet<UserId>>(new Set());
  useEffect(() => {
    setMembers(new Set(group?.members));
    setSearch('');
  }, [group]);
  const close = () => {
    clear();
    onClose();
  };
  const save = async () => {
    if (!group || !(await act('admin.group.set-members', { id: group.id, members: [...members] }))) return;
    prompts.getState().say(t('admin.groups.changed', { name: group.name }));
    close();
  };
  const toggle = (id: UserId) => {
    const next = new Set(members);
    if (!next.delete(id)) next.add(id);
    setMembers(next);
  };
  const before = new Set(group?.members);
  const wanted = search.trim().toLocaleLowerCase();
  const found = users
    .filter(({ name }) => name.toLocaleLowerCase().includes(wanted))
    .toSorted((a, b) => Number(before.has(b.id)) - Number(before.has(a.id)));
  return (
    <FormDialog
      opened={group !== null}
      headline={t('admin.groups.membersOf', { name: group?.name ?? '' })}
      submit={t('admin.groups.save')}
      busy={busy}
      ready={members.size !== before.size || [...members].some((id) => !before.has(id))}
      failure={failure}
      onSubmit={() => void save()}
      onClose={close}
    >
      <TextInput
        type="search"
        label={t('table.search')}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
      />
      <p className={css.muted} role="status">
        {t('admin.groups.chosen', { count: members.size })}
      </p>
      <ul className={css.stack} aria-label={t('admin.groups.members')}>
        {found.slice(0, most).map(({ id, name }) => (
          <li key={id}>
            <Checkbox label={name} checked={members.has(id)} onChange={() => toggle(id)} />
          </li>
        ))}
      </ul>
      {found.length > most && <p className={css.muted}>{t('admin.groups.more', { count: found.length - most })}</p>}
    </FormDialog>
  );
};
