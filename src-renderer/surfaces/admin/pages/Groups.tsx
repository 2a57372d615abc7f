import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../../../src-preload/contract/index.ts';
import { formatDay } from '../../../i18n/format.ts';
import { useAct, useAnswer, useConsole, useMay } from '../../../stores/console.ts';
import { namesOf } from '../../../stores/names.ts';
import { useForm } from '../../../stores/use-form.ts';
import { type DataColumn, DataTable } from '../../../ui/DataTable.tsx';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { Facts } from '../../../ui/Facts.tsx';
import { FormDialog } from '../../../ui/FormDialog.tsx';
import { NameField } from '../../../ui/PersonFields.tsx';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { DetailPanel, PanelActions } from '../DetailPanel.tsx';
import { Page } from '../Page.tsx';
import { GroupMembers } from '../people/GroupMembers.tsx';

type Group = Output<'admin.group.list'>[number];
/** In the panel; all of them are in the dialog. */
const shownMembers = 20;

/** Who belongs together, so that one rule speaks of many. Groups of the directory are changed there and only shown here. */
export const Groups = () => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const may = useMay()('manage');
  const answer = useAnswer('admin.group.list');
  const names = namesOf(useAnswer('admin.user.list').read.value);
  const { busy, failure, act } = useAct();
  const [adding, setAdding] = useState(false);
  const [membersOf, setMembersOf] = useState<Group | null>(null);

  const remove = async ({ id, name }: Group) => {
    const sure = await prompts.getState().ask({
      headline: t('admin.groups.removeHeadline', { name }),
      hint: t('admin.groups.removeHint'),
      confirm: t('admin.groups.remove'),
      danger: true
    });
    if (sure && (await act('admin.group.remove', { id }))) prompts.getState().say(t('admin.groups.removed', { name }));
  };
  const sourceOf = ({ source }: Group) => t(`admin.groups.source.${source}`);
  const columns: DataColumn<Group>[] = [
    { id: 'name', label: t('admin.groups.name'), text: ({ name }) => name, share: 2 },
    {
      id: 'members',
      label: t('admin.groups.members'),
      text: ({ members }) => String(members.length),
      order: ({ members }) => members.length,
      end: true
    },
    { id: 'source', label: t('admin.groups.keptBy'), text: sourceOf }
  ];
  return (
    <Page
      title={t('admin.page.groups')}
      hint={t('admin.groups.hint')}
      failure={failure}
      actions={
        may && (
          <Button size="sm" leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
            {t('admin.groups.add')}
          </Button>
        )
      }
    >
      <ReadGate {...answer}>
        {(groups) => (
          <DataTable
            label={t('admin.page.groups')}
            rows={groups}
            columns={columns}
            fileName="groups"
            keyOf={({ id }) => id}
            nameOf={({ name }) => name}
            empty={
              <EmptyState headline={t('admin.groups.none')} hint={t('admin.groups.noneHint')}>
                {may && <Button onClick={() => setAdding(true)}>{t('admin.groups.add')}</Button>}
              </EmptyState>
            }
          />
        )}
      </ReadGate>
      <DetailPanel rows={answer.read.value} keyOf={({ id }) => id} nameOf={({ name }) => name}>
        {(group) => (
          <>
            <Facts
              facts={[
                [t('admin.groups.keptBy'), sourceOf(group)],
                [t('admin.groups.made'), formatDay(group.created)],
                [
                  t('admin.groups.members'),
                  <ul key="members">
                    {group.members.slice(0, shownMembers).map((id) => (
                      <li key={id}>{names.get(id) ?? id}</li>
                    ))}
                    {group.members.length > shownMembers && (
                      <li>{t('admin.groups.more', { count: group.members.length - shownMembers })}</li>
                    )}
                    {group.members.length === 0 && <li>{t('admin.groups.nobody')}</li>}
                  </ul>
                ],
                [t('admin.id'), <code key="id">{group.id}</code>]
              ]}
            />
            {may && group.source === 'local' && (
              <PanelActions>
                <Button variant="default" onClick={() => setMembersOf(group)}>
                  {t('admin.groups.setMembers')}
                </Button>
                <Button variant="light" color="wax" loading={busy} onClick={() => void remove(group)}>
                  {t('admin.groups.remove')}
                </Button>
              </PanelActions>
            )}
          </>
        )}
      </DetailPanel>
      <AddGroup opened={adding} onClose={() => setAdding(false)} />
      <GroupMembers group={membersOf} onClose={() => setMembersOf(null)} />
    </Page>
  );
};

const AddGroup = ({ opened, onClose }: { readonly opened: boolean; onClose(): void }) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const { fields, set, act, close, dialog } = useForm({ name: '' }, onClose);
  const { name } = fields;
  const add = async () => {
    const group = await act('admin.group.add', { name });
    if (!group) return;
    prompts.getState().say(t('admin.groups.added', { name: group.name }));
    close();
  };
  return (
    <FormDialog
      {...dialog}
      opened={opened}
      headline={t('admin.groups.add')}
      submit={t('admin.users.addSubmit')}
      ready={name.trim() !== ''}
      onSubmit={() => void add()}
    >
      <NameField label={t('admin.groups.name')} value={name} onChange={(name) => set({ name })} />
    </FormDialog>
  );
};
