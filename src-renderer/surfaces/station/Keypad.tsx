import { IconBackspace } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Key } from './Key.tsx';
import css from './Keypad.module.css';

interface Props {
  readonly value: string;
  onChange(value: string): void;
}

const zero = '0';
const longest = 32;

/** Ten digits for the PIN, arranged as on a telephone. */
export const Keypad = ({ value, onChange }: Props) => {
  const { t } = useTranslation();
  const rows = t('station.digits', { returnObjects: true });
  const add = (digit: string) => onChange((value + digit).slice(0, longest));
  return (
    <fieldset className={css.pad} aria-label={t('station.keypad')}>
      {rows.flatMap((row) =>
        [...row].map((digit) => (
          <Key key={digit} onPress={() => add(digit)}>
            {digit}
          </Key>
        ))
      )}
      <Key quiet onPress={() => onChange('')}>
        {t('station.clear')}
      </Key>
      <Key onPress={() => add(zero)}>{zero}</Key>
      <Key quiet label={t('station.erase')} onPress={() => onChange(value.slice(0, -1))}>
        <IconBackspace size={28} stroke={1.6} aria-hidden="true" />
      </Key>
    </fieldset>
  );
};
