/** ISO 32000-1 annex C: the most indirect objects that a document can have. */
const largestNumber = 8_388_607;

/** Remembers which object numbers were met, in one bit each. `add` answers false for one that was, and throws beyond the most. */
export function createObjectNumbers(): { add(number: number): boolean } {
  let bits = new Uint8Array(4096);
  return {
    add(number) {
      if (number > largestNumber) throw new RangeError('too large an object number of PDF');
      const [index, bit] = [number >>> 3, 1 << (number & 7)];
      if (index >= bits.length) {
        const larger = new Uint8Array(Math.max(index + 1, 2 * bits.length));
        larger.set(bits);
        bits = larger;
      }
      const fresh = ((bits[index] ?? 0) & bit) === 0;
      bits[index] = (bits[index] ?? 0) | bit;
      return fresh;
    }
  };
}
