import { useSyncExternalStore } from 'react';

/** Where in the console somebody is: a page, and what is searched, sorted and opened there. */
export interface Address {
  readonly page: string;
  readonly query: Readonly<Record<string, string>>;
}

/** `#/devices?status=revoked&sort=-name`. After the hash: what is searched for never reaches the server or its logs. */
export const parseAddress = (hash: string): Address => {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?');
  return { page: path, query: Object.fromEntries(new URLSearchParams(search)) };
};

export const formatAddress = (page: string, query: Readonly<Record<string, string>> = {}): string => {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '')).toString();
  return `#/${page}${search && `?${search}`}`;
};

const subscribe = (listener: () => void) => {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
};
let last: { readonly hash: string; readonly address: Address } = { hash: '', address: parseAddress('') };
const present = (): Address => {
  const { hash } = window.location;
  if (hash !== last.hash) last = { hash, address: parseAddress(hash) };
  return last.address;
};
const nowhere = parseAddress('');

export const useAddress = (): Address => useSyncExternalStore(subscribe, present, () => nowhere);

/** Changes what is searched, sorted or opened on this page; an empty value takes a field out. Leaves no trace in the history. */
export const amendAddress = (change: Readonly<Record<string, string>>): void => {
  const { page, query } = present();
  window.history.replaceState(null, '', formatAddress(page, { ...query, ...change }));
  window.dispatchEvent(new HashChangeEvent('hashchange'));
};

export const goTo = (page: string, query?: Readonly<Record<string, string>>): void => {
  window.location.hash = formatAddress(page, query);
};
