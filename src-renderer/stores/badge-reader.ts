/** Faster than this between two keys, in milliseconds, is a machine: people take four times as long. */
const slowest = 50;
const shortestBadge = 4;
const longestBadge = 128;
/** A release ticket has 218 characters. */
const longest = 256;
const isTicket = (text: string): boolean => /^LLT\d\./i.test(text);

/** What a reader that is a keyboard has read: the number of a badge, or the text of a release ticket. */
export type Scan = { readonly badge: string } | { readonly ticket: string };

/**
 * Tells a badge reader or scanner that is a keyboard from a person at one: characters that come at once and end with Enter. Give it each
 * key and when it came, in milliseconds; it answers with what was read when it is whole. Keeps nothing of what people type.
 */
export const createBadgeReader = () => {
  let read = '';
  let last = Number.NEGATIVE_INFINITY;
  return (key: string, at: number): Scan | null => {
    const together = at - last < slowest;
    last = at;
    if (key === 'Enter') {
      const text = together ? read : '';
      read = '';
      if (isTicket(text)) return text.length <= longest ? { ticket: text } : null;
      return text.length >= shortestBadge && text.length <= longestBadge ? { badge: text } : null;
    }
    if (key === 'Shift') return null; // a reader presses it before capital letters
    read = key.length === 1 ? `${together ? read : ''}${key}`.slice(0, longest + 1) : '';
    return null;
  };
};
