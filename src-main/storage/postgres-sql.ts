/**
 * A statement of a migration, written for SQLite, as PostgreSQL wants it: the same tables, types that hold the same values, and
 * texts compared byte by byte as SQLite does, so that both databases sort alike. What stands in quotes is left alone.
 */
export const postgresSql = (statement: string): string => statement.replace(words, (word) => translated[word] ?? word);

const translated: Readonly<Record<string, string>> = {
  strict: '',
  integer: 'bigint',
  blob: 'bytea',
  text: 'text collate "C"',
  // Reserved there.
  user: '"user"'
};

const words = /'(?:[^']|'')*'|"[^"]*"|\b[a-z_]+\b/g;
