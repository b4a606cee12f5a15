type State = { readonly places?: Readonly<Record<string, number>> } | null;

/** What is kept with the page's entry in the browser's history. */
const state = (): State => history.state as State;

/** How far down a list was, px; 0 where the entry knows of none. */
const placeOf = (list: string): number => state()?.places?.[list] ?? 0;

/**
 * What a virtual list is given so that it keeps where it was scrolled to, in the page's entry in the browser's history:
 * Back finds it there again, and a page that is opened anew begins at its beginning.
 */
export const keepingPlace = (list: string) => ({
  initialOffset: () => placeOf(list),
  onChange({ isScrolling, scrollOffset }: { isScrolling: boolean; scrollOffset: number | null }) {
    // Once it rests: browsers allow few of these in a short time.
    if (isScrolling || scrollOffset === null || scrollOffset === placeOf(list)) return;
    history.replaceState({ ...state(), places: { ...state()?.places, [list]: scrollOffset } }, '');
  },
});
