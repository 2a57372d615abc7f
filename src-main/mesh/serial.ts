/** Runs what concerns one key one after the other, and different keys side by side. */
export function createSerial<Key>() {
  const last = new Map<Key, Promise<unknown>>();
  return <T>(key: Key, run: () => Promise<T>): Promise<T> => {
    const mine = (last.get(key) ?? Promise.resolve()).then(run, run);
    last.set(key, mine);
    const forget = () => {
      if (last.get(key) === mine) last.delete(key);
    };
    mine.then(forget, forget);
    return mine;
  };
}
