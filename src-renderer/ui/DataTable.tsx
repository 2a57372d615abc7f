import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconDownload, IconSearch } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { amendAddress, useAddress } from '../stores/address.ts';
import { nextSort, parseSort, rowsInView, type TableColumn, type TableFilter, toCsv } from '../stores/table.ts';
import css from './DataTable.module.css';
import { saveText } from './save-text.ts';

export interface DataColumn<Row> extends TableColumn<Row> {
  cell?(row: Row): ReactNode;
  /** Its share of the width; 1 without it. */
  readonly share?: number;
  readonly end?: boolean;
  /** Left out where the page is narrow. */
  readonly wide?: boolean;
}
export interface DataFilter<Row> extends TableFilter<Row> {
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
}
export interface BulkAction<Row> {
  readonly label: string;
  readonly danger?: boolean;
  applies(row: Row): boolean;
  run(rows: readonly Row[]): void;
}

interface Props<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly DataColumn<Row>[];
  readonly filters?: readonly DataFilter<Row>[];
  readonly bulk?: readonly BulkAction<Row>[];
  /** Shown instead when there is no row at all. */
  readonly empty: ReactNode;
  /** Of the file that the rows are saved to. */
  readonly fileName: string;
  keyOf(row: Row): string;
  /** What a row is called: for its check box and its link. */
  nameOf(row: Row): string;
}

const rowHeight = 45;

/**
 * Rows to be searched, sorted, filtered, chosen and saved; what is asked for stands in the address. Only what is in sight is in
 * the document, so ten thousand rows scroll as ten do. The first column opens the row.
 */
export const DataTable = <Row,>(props: Props<Row>) => {
  const { label, rows, columns, filters = [], bulk = [], empty, fileName, keyOf, nameOf } = props;
  const { t } = useTranslation();
  const { query } = useAddress();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  // Columns and filters are made anew at each drawing; what they do never changes while the page is open.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const shown = useMemo(() => rowsInView(rows, { columns, filters, query }), [rows, query]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    initialRect: { width: 1_000, height: 800 }
  });
  if (rows.length === 0) return empty;

  const items = virtual.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const selected = shown.filter((row) => chosen.has(keyOf(row)));
  const toggle = (key: string) => {
    const next = new Set(chosen);
    if (!next.delete(key)) next.add(key);
    setChosen(next);
  };
  return (
    <div className={css.frame}>
      <div className={css.bar}>
        <TextInput
          className={css.search ?? ''}
          aria-label={t('table.search')}
          placeholder={t('table.search')}
          leftSection={<IconSearch size={16} aria-hidden="true" />}
          type="search"
          value={query.q ?? ''}
          onChange={(event) => amendAddress({ q: event.currentTarget.value })}
          autoComplete="off"
          spellCheck={false}
          maxLength={200}
        />
        {filters.map((filter) => (
          <NativeSelect
            key={filter.id}
            aria-label={filter.label}
            value={query[filter.id] ?? ''}
            onChange={(event) => amendAddress({ [filter.id]: event.currentTarget.value })}
            data={[{ value: '', label: filter.label }, ...filter.options]}
          />
        ))}
        <p className={css.count} role="status">
          {shown.length === rows.length
            ? t('table.count', { count: rows.length })
            : t('table.countOf', { shown: shown.length, all: rows.length })}
        </p>
        <Button
          variant="subtle"
          size="sm"
          leftSection={<IconDownload size={16} aria-hidden="true" />}
          onClick={() => saveText(`${fileName}.csv`, 'text/csv', [toCsv(columns, shown)])}
        >
          {t('table.csv')}
        </Button>
      </div>
      {selected.length > 0 && (
        <div className={css.bulk} role="toolbar" aria-label={t('table.selected', { count: selected.length })}>
          <p>{t('table.selected', { count: selected.length })}</p>
          {bulk.map(({ label: words, danger, applies, run }) => {
            const fitting = selected.filter(applies);
            return (
              <Button
                key={words}
                size="sm"
                variant="default"
                {...(danger ? { className: css.danger ?? '' } : {})}
                disabled={fitting.length === 0}
                onClick={() => run(fitting)}
              >
                {fitting.length === selected.length ? words : `${words} (${fitting.length})`}
              </Button>
            );
          })}
          <Button size="sm" variant="subtle" onClick={() => setChosen(new Set())}>
            {t('table.selectNone')}
          </Button>
        </div>
      )}
      {/* A region that scrolls must be reachable with the keyboard. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
      <section className={css.scroller} ref={scroller} aria-label={label} tabIndex={0}>
        <table className={css.table} aria-label={label} aria-rowcount={shown.length + 1}>
          <thead>
            <tr aria-rowindex={1}>
              {bulk.length > 0 && (
                <th className={css.check}>
                  <Checkbox
                    aria-label={t('table.selectAll')}
                    checked={selected.length > 0 && selected.length === shown.length}
                    indeterminate={selected.length > 0 && selected.length < shown.length}
                    onChange={(event) => setChosen(event.currentTarget.checked ? new Set(shown.map(keyOf)) : new Set())}
                  />
                </th>
              )}
              {columns.map((column) => (
                <Heading key={column.id} column={column} sort={query.sort} columns={columns} />
              ))}
            </tr>
          </thead>
          <tbody>
            {before > 0 && <Gap height={before} columns={columns.length + 1} />}
            {items.map(({ index }) => {
              const row = shown[index];
              if (row === undefined) return null;
              const key = keyOf(row);
              return (
                <tr key={key} aria-rowindex={index + 2} data-chosen={chosen.has(key) || undefined}>
                  {bulk.length > 0 && (
                    <td className={css.check}>
                      <Checkbox
                        aria-label={t('table.select', { name: nameOf(row) })}
                        checked={chosen.has(key)}
                        onChange={() => toggle(key)}
                      />
                    </td>
                  )}
                  {columns.map((column, at) => (
                    <td key={column.id} data-end={column.end} data-wide={column.wide}>
                      {at === 0 ? (
                        <button type="button" className={css.open} onClick={() => amendAddress({ open: key })}>
                          {column.cell?.(row) ?? column.text(row)}
                        </button>
                      ) : (
                        (column.cell?.(row) ?? column.text(row))
                      )}
                    </td>
                  ))}
                </tr>
              );
            })}
            {after > 0 && <Gap height={after} columns={columns.length + 1} />}
          </tbody>
        </table>
        {shown.length === 0 && <p className={css.none}>{t('table.none')}</p>}
      </section>
    </div>
  );
};

interface HeadingProps<Row> {
  readonly column: DataColumn<Row>;
  readonly columns: readonly DataColumn<Row>[];
  readonly sort: string | undefined;
}

const Heading = <Row,>({ column, columns, sort }: HeadingProps<Row>) => {
  const { column: sorted, descending } = parseSort(sort);
  const active = sorted === column.id;
  const Arrow = descending ? IconArrowDown : IconArrowUp;
  const shares = columns.reduce((sum, { share = 1 }) => sum + share, 0);
  return (
    <th
      scope="col"
      data-end={column.end}
      data-wide={column.wide}
      style={{ width: `${((column.share ?? 1) / shares) * 100}%` }}
      aria-sort={active ? (descending ? 'descending' : 'ascending') : 'none'}
    >
      <button type="button" className={css.sort} onClick={() => amendAddress({ sort: nextSort(sort, column.id) })}>
        {column.label}
        {active && <Arrow size={14} stroke={2} aria-hidden="true" />}
      </button>
    </th>
  );
};

/** Stands for the rows that are out of sight. */
const Gap = ({ height, columns }: { readonly height: number; readonly columns: number }) => (
  <tr>
    <td className={css.gap} colSpan={columns} style={{ height }} />
  </tr>
);
