/** Sizes and times in the system's locale; phrases such as "5 minutes ago" in the language of the catalogue. */
const language = 'en';
const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** 1,234,567 bytes are shown as "1.2 MB" (decimal units, as file managers show them). */
export const formatSize = (bytes: number): string => {
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  return new Intl.NumberFormat(undefined, {
    style: 'unit',
    unit: units[power] ?? 'byte',
    unitDisplay: power === 0 ? 'long' : 'short',
    maximumFractionDigits: power < 2 ? 0 : 1
  }).format(bytes / 1000 ** power);
};

/** 0.98 is "98%". */
export const formatPercent = (share: number): string =>
  new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 0 }).format(share);

const steps = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60]
] as const;

/** "in 7 hours", "5 minutes ago"; `justNow` below one minute. */
export const formatRelative = (time: string, now: number, justNow: string): string => {
  const seconds = (Date.parse(time) - now) / 1000;
  for (const [unit, length] of steps) {
    if (Math.abs(seconds) >= length) {
      return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(Math.round(seconds / length), unit);
    }
  }
  return justNow;
};

/** The time of day; with the date if it was another day. */
export const formatWhen = (time: string, now: number): string => {
  const then = new Date(time);
  const sameDay = then.toDateString() === new Date(now).toDateString();
  return new Intl.DateTimeFormat(undefined, {
    timeStyle: 'short',
    ...(sameDay ? {} : { dateStyle: 'medium' })
  }).format(then);
};

/** "24 Nov 2026", in the system's order. */
export const formatDay = (time: string): string =>
  new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' }).format(new Date(time));

/** Day and month of a calendar day (2026-11-24), for the axis of a chart. */
export const formatShortDay = (day: string): string =>
  new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(new Date(day));

/** Day and time to the second: for logs. */
export const formatMoment = (time: string): string =>
  new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'medium' }).format(new Date(time));

/** Whole seconds until `time`, never negative. */
export const secondsUntil = (time: string, now: number): number =>
  Math.max(0, Math.ceil((Date.parse(time) - now) / 1000));

/** 75 is "1:15". */
export const formatCountdown = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
