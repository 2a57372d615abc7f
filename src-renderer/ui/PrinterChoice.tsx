import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { PrinterId, PrinterView } from '../../src-preload/contract/index.ts';
import { gradeOf } from '../stores/jobs.ts';
import { GradeMark } from './GradeMark.tsx';
import css from './PrinterChoice.module.css';

interface Props {
  readonly printers: readonly PrinterView[];
  readonly chosen: PrinterId | null;
  readonly large?: boolean;
  /** Where other things need the room. */
  readonly compact?: boolean;
  onChoose(printer: PrinterId): void;
}

/** One of the approved printers, each with how safely a document travels to it. Native radio buttons: arrow keys just work. */
export const PrinterChoice = ({ printers, chosen, large = false, compact = false, onChoose }: Props) => {
  const { t } = useTranslation();
  const group = useId();
  return (
    <fieldset className={css.choice} data-large={large || undefined} data-compact={compact || undefined}>
      <legend>{t('release.printer')}</legend>
      <div className={css.list}>
        {printers.map((printer) => (
          <label key={printer.id} className={css.printer}>
            <input
              type="radio"
              name={group}
              aria-label={printer.name}
              aria-describedby={`${group}-${printer.id}`}
              checked={printer.id === chosen}
              disabled={gradeOf(printer) === 'blocked'}
              onChange={() => onChoose(printer.id)}
            />
            <span className={css.words}>
              <span className={css.name}>
                {printer.name} <span className={css.location}>{printer.location}</span>
              </span>
              <span className={css.grade} id={`${group}-${printer.id}`}>
                <GradeMark printer={printer} size={large ? 20 : 15} />
              </span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
};
