import { IconAlertTriangle, IconCloudOff, IconHelpCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import css from './Note.module.css';
import { Words } from './Words.tsx';

const icons = { trouble: IconAlertTriangle, unsure: IconHelpCircle, offline: IconCloudOff } as const;

interface Props {
  readonly tone: keyof typeof icons;
  readonly title: string;
  readonly next?: string | undefined;
  readonly detail?: string | undefined;
  readonly large?: boolean;
  /** `alert` interrupts a screen reader: for what the person just tried. */
  readonly role?: 'alert' | 'status' | 'note';
  readonly children?: ReactNode;
}

/** What happened and what to do next, never only one of them. */
export const Note = ({ tone, title, next, detail, large = false, role = 'note', children }: Props) => {
  const Icon = icons[tone];
  return (
    <div className={css.note} data-tone={tone} data-large={large || undefined} role={role}>
      <Icon className={css.icon} size={large ? 28 : 20} stroke={1.8} aria-hidden="true" />
      <div className={css.words}>
        <p className={css.title}>
          <Words>{title}</Words>
        </p>
        {next && (
          <p className={css.next}>
            <Words>{next}</Words>
          </p>
        )}
        {detail && <p className={css.detail}>{detail}</p>}
        {children}
      </div>
    </div>
  );
};
