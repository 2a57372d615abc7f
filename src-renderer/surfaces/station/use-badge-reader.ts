import { useEffect, useRef } from 'react';
import { createBadgeReader, type Scan } from '../../stores/badge-reader.ts';

/** Hears a badge reader or scanner that is a keyboard, whatever field it writes into; its Enter presses nothing. */
export const useBadgeReader = (onScan: (scan: Scan) => void): void => {
  const latest = useRef(onScan);
  latest.current = onScan;
  useEffect(() => {
    const read = createBadgeReader();
    const onKey = (event: KeyboardEvent) => {
      const scan = read(event.key, event.timeStamp);
      if (scan === null) return;
      event.preventDefault();
      event.stopPropagation();
      latest.current(scan);
    };
    window.addEventListener('keydown', onKey, true);
    return () => window.removeEventListener('keydown', onKey, true);
  }, []);
};
