import { TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

interface Props {
  readonly value: string;
  /** The first field of its dialog. */
  readonly first?: boolean;
  onChange(number: string): void;
}

/** Typed, or written by a reader that is a keyboard; it presses Enter itself, which sends the form. Hidden as a PIN is. */
export const BadgeField = ({ value, first = false, onChange }: Props) => {
  const { t } = useTranslation();
  return (
    <TextInput
      type="password"
      label={t('badge.number')}
      description={t('badge.numberHint')}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      autoComplete="off"
      spellCheck={false}
      maxLength={128}
      {...(first && { 'data-autofocus': true })}
    />
  );
};

/** As the contract wants it: letters and digits count. */
export const isBadgeNumber = (text: string): boolean => (text.match(/[A-Za-z0-9]/g)?.length ?? 0) >= 4;
