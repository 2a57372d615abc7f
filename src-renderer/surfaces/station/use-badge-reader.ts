import { useEffect, useRef } from 'react';
import { createBadgeReader } from '../../stores/badge-reader.ts';

/** Hears a badge reader that is a keyboard, whatever field it writes into; its Enter presses nothing. */
export const useBadgeReader = (onBadge: (number: string) => void): void => {
  const latest = useRef(onBadge);
  latest.current = onBadge;
  useEffect(() => {
    const read = createBadgeReader();
    const onKey = (event: KeyboardEvent) => {
      const number = read(event.key, event.timeStamp);
      if (number === null) return;
      event.preventDefault();
      event.stopPropagation();
      latest.current(number);
    };
    window.addEventListener('keydown', onKey, true);
    return () => window.removeEventListener('keydown', onKey, true);
  }, []);
};
