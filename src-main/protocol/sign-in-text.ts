/** What people type to sign in, as it is compared: by the coordinator, and by stations that stand in for it. */

/** Names that look the same are the same: composed (NFKC), without case. */
export const nameKey = (name: string): string => name.normalize('NFKC').trim().toLowerCase();

/** Readers differ in case and in what they put between the digits of a badge. */
export const badgeText = (number: string): string => number.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
