/** What a table does to its rows before it shows them. Pure. */
export interface TableColumn<Row> {
  readonly id: string;
  readonly label: string;
  /** What is searched and exported. */
  text(row: Row): string;
  /** What is compared when sorted; the text without it. */
  order?(row: Row): number | string;
}
export interface TableFilter<Row> {
  readonly id: string;
  matches(row: Row, value: string): boolean;
}

export interface TableView<Row> {
  readonly columns: readonly TableColumn<Row>[];
  readonly filters: readonly TableFilter<Row>[];
  /** Search words under `q`, `sort` (a column, descending with a minus), filters by their ids. */
  readonly query: Readonly<Record<string, string>>;
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
const compare = (a: number | string, b: number | string): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));

/** The rows that match every search word and every filter, in the order asked for; rows that compare equal keep theirs. */
export const rowsInView = <Row>(rows: readonly Row[], { columns, filters, query }: TableView<Row>): readonly Row[] => {
  const words = (query.q ?? '').toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const active = filters.filter(({ id }) => query[id]);
  const matching =
    words.length === 0 && active.length === 0
      ? rows
      : rows.filter((row) => {
          if (!active.every(({ id, matches }) => matches(row, query[id] ?? ''))) return false;
          if (words.length === 0) return true;
          const text = columns
            .map((column) => column.text(row))
            .join('\n')
            .toLocaleLowerCase();
          return words.every((word) => text.includes(word));
        });
  const { column: id, descending } = parseSort(query.sort);
  const column = columns.find((one) => one.id === id);
  if (!column) return matching;
  const order = column.order ?? column.text;
  const keyed = matching.map((row) => ({ row, key: order(row) }));
  keyed.sort((a, b) => (descending ? compare(b.key, a.key) : compare(a.key, b.key)));
  return keyed.map(({ row }) => row);
};

export const parseSort = (sort = ''): { readonly column: string; readonly descending: boolean } => ({
  column: sort.replace(/^-/, ''),
  descending: sort.startsWith('-')
});

/** Ascending, then descending, then as it came. */
export const nextSort = (sort: string | undefined, column: string): string => {
  if (sort === column) return `-${column}`;
  return sort === `-${column}` ? '' : column;
};

/** RFC 4180. A cell that a spreadsheet would take for a formula begins with an apostrophe instead. */
export const toCsv = <Row>(columns: readonly TableColumn<Row>[], rows: readonly Row[]): string =>
  [columns.map(({ label }) => label), ...rows.map((row) => columns.map((column) => column.text(row)))]
    .map((cells) => `${cells.map(csvCell).join(',')}\r\n`)
    .join('');

const csvCell = (text: string): string => {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};
