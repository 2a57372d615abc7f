import { TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { isErrorCode } from '../../../src-preload/contract/errors.ts';
import type { Failure } from '../../../src-preload/contract/index.ts';
import { isPinFailure } from '../../stores/release.ts';

interface Fields {
  readonly user: string;
  readonly pin: string;
}
interface Props extends Fields {
  /** Whose machine it is; null: it asks for the name too. */
  readonly owner: string | null;
  /** Shown at the PIN where it is about the PIN; whoever uses this shows any other. */
  readonly failure: Failure | null;
  /** What the PIN is for. */
  readonly hint?: string;
  fill(fields: Partial<Fields>): void;
}

/** With what an owner proves at their own machine who they are. */
export const OwnerFields = ({ owner, user, pin, failure, hint, fill }: Props) => {
  const { t } = useTranslation();
  const problem =
    failure && isPinFailure(failure) && isErrorCode(failure.code)
      ? [t(`errors.${failure.code}.message`), t(`errors.${failure.code}.next`), failure.detail]
          .filter(Boolean)
          .join(' ')
      : null;
  return (
    <>
      {owner === null && (
        <TextInput
          label={t('release.user')}
          value={user}
          onChange={(event) => fill({ user: event.currentTarget.value })}
          maxLength={128}
          autoComplete="off"
          spellCheck={false}
        />
      )}
      <TextInput
        label={t('release.pin')}
        description={hint}
        type="password"
        inputMode="numeric"
        maxLength={32}
        autoComplete="off"
        value={pin}
        onChange={(event) => fill({ pin: event.currentTarget.value.replace(/\D/g, '') })}
        error={problem}
        errorProps={{ role: 'alert' }}
        autoFocus
        data-autofocus
      />
    </>
  );
};

/** Whether there is enough to ask with. */
export const isFilled = ({ owner, user, pin }: Fields & Pick<Props, 'owner'>): boolean =>
  /^\d{4,32}$/.test(pin) && (owner !== null || user.trim() !== '');
