import { IconArrowBigUp, IconBackspace } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Key } from './Key.tsx';
import css from './Keyboard.module.css';

interface Props {
  readonly value: string;
  onChange(value: string): void;
}

const longest = 128;

/** Letters for a name, in the order that the catalogue's language is typed in. */
export const Keyboard = ({ value, onChange }: Props) => {
  const { t } = useTranslation();
  const [shift, setShift] = useState(false);
  const rows = t('station.keys', { returnObjects: true });
  const add = (letter: string) => {
    onChange((value + letter).slice(0, longest));
    setShift(false);
  };
  return (
    <fieldset className={css.board} aria-label={t('station.keyboard')}>
      {rows.map((row) => (
        <div key={row} className={css.row}>
          {[...row].map((letter) => {
            const shown = shift ? letter.toLocaleUpperCase() : letter;
            return (
              <Key key={letter} onPress={() => add(shown)}>
                {shown}
              </Key>
            );
          })}
        </div>
      ))}
      <div className={css.row}>
        <Key quiet label={t('station.shift')} pressed={shift} onPress={() => setShift(!shift)}>
          <IconArrowBigUp size={28} stroke={1.6} aria-hidden="true" />
        </Key>
        <Key wide onPress={() => add(' ')}>
          {t('station.space')}
        </Key>
        <Key quiet label={t('station.erase')} onPress={() => onChange(value.slice(0, -1))}>
          <IconBackspace size={28} stroke={1.6} aria-hidden="true" />
        </Key>
      </div>
    </fieldset>
  );
};
