import css from './Fingerprint.module.css';

/** A SHA-256 in groups of four, so that two people can compare it; the same group of `other` that differs is marked. */
export const Fingerprint = ({ hex, other }: { readonly hex: string; readonly other?: string | undefined }) => {
  const differing = groupsOf(other ?? hex);
  return (
    <code className={css.fingerprint}>
      {groupsOf(hex).map((group, at) => (
        // The place of a group in a fingerprint is what it is.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <span key={at} data-differs={differing[at] !== group || undefined}>
          {group}
        </span>
      ))}
    </code>
  );
};

const groupsOf = (hex: string): readonly string[] => hex.match(/.{1,4}/g) ?? [];
