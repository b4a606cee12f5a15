import { useParams } from 'wouter';
import { useBrowserLocation } from 'wouter/use-browser-location';

/** A part of an address as it was before it was put into it; what no address holds, such as a lone %, as it stands. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** A part of the address by its name in the route, such as a customer's id, whatever characters are in it. */
export const usePart = (name: string): string => decoded(useParams()[name] ?? '');

/**
 * The address as it stands. The router would decode some of its characters and leave others, after which nobody can
 * tell a %3A that was written from one that stands for a colon; so what it decodes is made to be the address again.
 */
export const useLocationAsItIs: typeof useBrowserLocation = (options) => {
  const [path, go] = useBrowserLocation(options);
  return [asItIs(path), go];
};

/** What the router's decoding turns into the path itself. */
export const asItIs = (path: string): string => path.replaceAll('%', '%25');
