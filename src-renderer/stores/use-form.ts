import { useState } from 'react';
import { useAct } from './console.ts';

/**
 * What a dialog's form holds from its opening to its closing; nothing of it outlives that. `dialog` is for FormDialog, `close`
 * for when it is done.
 */
export const useForm = <Fields extends object>(blank: Fields, onClose: () => void) => {
  const { busy, failure, act, clear } = useAct();
  const [fields, setFields] = useState(blank);
  const close = () => {
    setFields(blank);
    clear();
    onClose();
  };
  return {
    fields,
    set: (change: Partial<Fields>) => setFields((before) => ({ ...before, ...change })),
    act,
    close,
    dialog: { busy, failure, onClose: close }
  };
};
