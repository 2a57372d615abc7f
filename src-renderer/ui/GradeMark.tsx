import { IconLock, IconLockOff, IconLockOpen } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { PrinterView } from '../../src-preload/contract/index.ts';
import { gradeOf } from '../stores/jobs.ts';
import css from './GradeMark.module.css';

const icons = { secure: IconLock, plain: IconLockOpen, blocked: IconLockOff } as const;

/** How a document travels to a printer: a lock and its meaning in words. */
export const GradeMark = ({ printer, size = 16 }: { readonly printer: PrinterView; readonly size?: number }) => {
  const { t } = useTranslation();
  const grade = gradeOf(printer);
  const Icon = icons[grade];
  return (
    <span className={css.grade} data-grade={grade} title={t(`grade.${grade}Hint`)}>
      <Icon size={size} stroke={2} aria-hidden="true" />
      {t(`grade.${grade}`)}
    </span>
  );
};
