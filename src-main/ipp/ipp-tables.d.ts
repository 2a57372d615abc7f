/** The tables of the `ipp` package, the only part of it that Letterlock loads. It ships no types. */
declare module 'ipp/lib/tags.js' {
  const tags: Record<string, number> & { lookup: (string | undefined)[] };
  export default tags;
}
declare module 'ipp/lib/status-codes.js' {
  const statusCodes: Record<string, number> & { lookup: (string | undefined)[] };
  export default statusCodes;
}
declare module 'ipp/lib/enums.js' {
  type Table = Record<string, number> & { lookup: (string | undefined)[] };
  const enums: Record<string, Table | undefined>;
  export default enums;
}
