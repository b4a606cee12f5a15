import { ask, problemOf } from './client.ts';
import { texts } from '../texts.ts';
import { download } from '../ui/csv.ts';
import { toast } from '../ui/Toast.tsx';

/** The table that the API itself writes, of all pages: each answer's Link header leads to the next one. */
export async function saveCsv(path: string, query: Record<string, string>, name: string): Promise<void> {
  try {
    let url: string | null = `${path}?${new URLSearchParams({ ...query, format: 'csv', limit: '1000' }).toString()}`;
    const parts: string[] = [];
    while (url !== null) {
      const response: Response = await ask(new Request(url));
      if (!response.ok) throw await response.json();
      const text = await response.text();
      parts.push(parts.length === 0 ? text : text.slice(text.indexOf('\n') + 1)); // the titles once
      url = nextOf(response.headers.get('link'), path);
    }
    download(`${name}.csv`, 'text/csv;charset=utf-8', parts.join(''));
  } catch (thrown) {
    const { detail, title } = problemOf(thrown);
    toast(texts.table.notSaved(detail ?? title));
  }
}

function nextOf(link: string | null, path: string): string | null {
  const next = /<([^>]+)>;\s*rel="next"/.exec(link ?? '')?.[1];
  return next === undefined ? null : next.startsWith('?') ? path + next : next;
}
