/** Small letters, digits and hyphens, as the contract wants the id of a site. */
export const isSiteId = (text: string): boolean => /^[a-z0-9][a-z0-9-]{0,47}$/.test(text);

/** An id for a site of this name: `Zürich, Haus 2` is `zurich-haus-2`. Empty where no letter or digit is left. */
export const siteIdFor = (name: string): string =>
  name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+/g, '')
    .slice(0, 48)
    .replaceAll(/-+$/g, '');
