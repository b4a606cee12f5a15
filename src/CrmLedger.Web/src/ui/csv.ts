/** A column of a table: what stands above it, and what of a row stands in it. */
export type Column<Row> = {
  readonly title: string;
  readonly text: (row: Row) => string | number | null | undefined;
  readonly toRight?: boolean;
};

// A spreadsheet takes a text that begins like this for a formula (OWASP, "CSV Injection").
const formula = /^[=+\-@\t\r]/;

function cell(value: string | number | null | undefined): string {
  if (value == null) return '';
  if (typeof value === 'number') return String(value);
  const text = formula.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** RFC 4180: a line of titles and a line for each row. */
export function toCsv<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const lines = [
    columns.map((column) => cell(column.title)),
    ...rows.map((row) => columns.map((c) => cell(c.text(row)))),
  ];
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
}

/** Gives the reader a file. */
export function download(name: string, type: string, content: BlobPart): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
