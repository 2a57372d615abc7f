import { Button } from '@mantine/core';
import { IconLogin2 } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { SignedInAs } from '../../src-preload/contract/index.ts';
import { useAct, useAnswer, useConsole } from '../stores/console.ts';
import { FailureNote } from './FailureNote.tsx';

/** The organization's own sign-on, where one is set up. The browser goes to its provider and comes back signed in. */
export const SignOnButton = ({
  kind,
  linking = false
}: {
  readonly kind: SignedInAs['kind'];
  readonly linking?: boolean;
}) => {
  const { t } = useTranslation();
  const provider = useAnswer('sso.get').read.value;
  const { busy, failure, act } = useAct();
  if (!provider) return null;
  const begin = async () => {
    const begun = await act('sso.begin', { as: kind });
    if (begun) leaveFor(begun.url);
  };
  return (
    <>
      {failure && <FailureNote failure={failure} />}
      <Button
        variant="default"
        loading={busy}
        leftSection={<IconLogin2 size={18} aria-hidden="true" />}
        onClick={() => void begin()}
      >
        {t(linking ? 'web.signOn.link' : 'web.signOn.begin', { name: provider.name })}
      </Button>
    </>
  );
};

/** Signs out here and at the provider; nothing where there is none. */
export const SignOutThereToo = () => {
  const { t } = useTranslation();
  const { session } = useConsole();
  const signOut = useStore(session, (state) => state.signOut);
  const provider = useAnswer('sso.get').read.value;
  const { busy, failure, act } = useAct();
  if (!provider) return null;
  const leave = async () => {
    const answer = await act('sso.leave', {});
    if (!answer) return;
    await signOut();
    if (answer.url !== null) leaveFor(answer.url);
  };
  return (
    <>
      {failure && <FailureNote failure={failure} />}
      <Button variant="default" loading={busy} onClick={() => void leave()}>
        {t('web.signOn.leave', { name: provider.name })}
      </Button>
    </>
  );
};

const leaveFor = (url: string): void => {
  // The coordinator says where; a script address would still run in this page.
  if (new URL(url).protocol === 'https:') window.location.assign(url);
};
