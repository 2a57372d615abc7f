import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Input } from '../../../../src-preload/contract/index.ts';
import { useAct, useConsole } from '../../../stores/console.ts';
import { useSites } from '../../../stores/use-sites.ts';
import { FormDialog } from '../../../ui/FormDialog.tsx';

type Move = 'admin.device.move' | 'admin.printer.move';
interface Props<Procedure extends Move> {
  readonly procedure: Procedure;
  /** What happens to it, in a sentence. */
  readonly hint: string;
  /** Empty: the dialog is closed. */
  readonly moved: readonly { readonly id: Input<Procedure>['id']; readonly name: string; readonly site: string }[];
  onClose(): void;
}

/** Says that machines or printers have come to another building. */
export const MoveToSite = <Procedure extends Move>({ procedure, hint, moved, onClose }: Props<Procedure>) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const { options } = useSites();
  const { busy, failure, clear, actOnAll } = useAct();
  const [chosen, setChosen] = useState('');
  // Where all of them are already is no place to move to.
  const places = options.filter(({ value }) => moved.some(({ site }) => site !== value));
  const place = places.find(({ value }) => value === chosen) ?? places[0];
  const close = () => {
    setChosen('');
    clear();
    onClose();
  };
  const move = async () => {
    if (!place) return;
    const inputs = moved.filter(({ site }) => site !== place.value).map(({ id }) => ({ id, site: place.value }));
    const done = await actOnAll(procedure, inputs as Input<Procedure>[]);
    if (done > 0) prompts.getState().say(t('admin.sites.moved', { count: done, site: place.label }));
    if (done === inputs.length) close();
  };
  return (
    <FormDialog
      opened={moved.length > 0}
      headline={t('admin.sites.moveHeadline', { count: moved.length, name: moved[0]?.name ?? '' })}
      hint={hint}
      submit={t('admin.sites.moveSubmit')}
      busy={busy}
      ready={place !== undefined}
      failure={failure}
      onSubmit={() => void move()}
      onClose={close}
    >
      <NativeSelect
        label={t('admin.sites.site')}
        value={place?.value ?? ''}
        onChange={(event) => setChosen(event.currentTarget.value)}
        data={places}
        data-autofocus
      />
    </FormDialog>
  );
};
