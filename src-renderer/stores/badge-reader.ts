/** Faster than this between two keys, in milliseconds, is a machine: people take four times as long. */
const slowest = 50;
const shortest = 4;
const longest = 128;

/**
 * Tells a badge reader that is a keyboard from a person at one: characters that come at once and end with Enter. Give it each key and
 * when it came, in milliseconds; it answers with the badge's number when one is whole. Keeps nothing of what people type.
 */
export const createBadgeReader = () => {
  let read = '';
  let last = Number.NEGATIVE_INFINITY;
  return (key: string, at: number): string | null => {
    const together = at - last < slowest;
    last = at;
    if (key === 'Enter') {
      const number = together ? read : '';
      read = '';
      return number.length >= shortest && number.length <= longest ? number : null;
    }
    if (key === 'Shift') return null; // a reader presses it before capital letters
    read = key.length === 1 ? `${together ? read : ''}${key}`.slice(0, longest + 1) : '';
    return null;
  };
};
