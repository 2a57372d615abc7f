import { formatCountdown, secondsUntil } from '../i18n/format.ts';
import { useNow } from '../stores/now.ts';

interface Props {
  /** RFC 3339. */
  readonly until: string;
  children(time: string, seconds: number): string;
}

/** A sentence with the time that is left in it; silent for screen readers, which would hear every second. */
export const Countdown = ({ until, children }: Props) => {
  const seconds = secondsUntil(until, useNow());
  return (
    <span role="timer" aria-live="off">
      {children(formatCountdown(seconds), seconds)}
    </span>
  );
};
