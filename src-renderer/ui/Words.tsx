/** A sentence from the catalogue; what stands between backticks in it is something to type. */
export const Words = ({ children }: { readonly children: string }) =>
  children.split('`').map((part, index) =>
    // The parts of a fixed sentence never change places.
    // biome-ignore lint/suspicious/noArrayIndexKey: see above
    index % 2 === 1 ? <code key={index}>{part}</code> : part
  );
